package io.sallyport.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the transport: QUIC, or HTTP/2 for some time after HTTP/2 succeeded where QUIC failed. If neither
 * succeeds, the edge is down and nothing is learned about QUIC. The time doubles, so that a network without UDP is not
 * probed too often. Shared by all connections.
 */
final class ProtocolChoice {
    private static final Duration FIRST_FALLBACK = Duration.ofMinutes(5);
    private static final Duration LONGEST_FALLBACK = Duration.ofHours(1);
    private static final int REFUSALS_BEFORE_FALLBACK = 3;

    private final @Nullable Protocol fixed;
    private final ConnectorLog log;
    private Duration fallback = FIRST_FALLBACK;
    private Instant quicAgainAt = Instant.MIN;
    private boolean hasQuicWorked;
    private int refusals;

    /** @param fixed the only transport; null for a choice */
    ProtocolChoice(@Nullable Protocol fixed, ConnectorLog log) {
        this.fixed = fixed;
        this.log = log;
    }

    synchronized Protocol current(Instant now) {
        if (fixed != null) {
            return fixed;
        }
        return now.isBefore(quicAgainAt) ? Protocol.HTTP2 : Protocol.QUIC;
    }

    /** The transport to try when the given one does not answer. */
    Optional<Protocol> alternative(Protocol protocol) {
        return protocol == Protocol.QUIC && fixed == null ? Optional.of(Protocol.HTTP2) : Optional.empty();
    }

    synchronized void worked(Protocol protocol) {
        if (protocol == Protocol.QUIC) {
            hasQuicWorked = true;
            refusals = 0;
            fallback = FIRST_FALLBACK;
        }
    }

    /** The alternative connected while QUIC got no answer. */
    synchronized void overtaken(Instant now) {
        if (!now.isBefore(quicAgainAt)) {
            fallBack(
                    "nothing answered over UDP for " + EdgeDial.SILENCE.toSeconds()
                            + " s, but the edge answered over TCP",
                    now);
        }
    }

    /**
     * The alternative connected after QUIC had failed. A starting edge may listen for TCP a little earlier, so if QUIC
     * has worked before, this must happen more than once.
     *
     * @param reason for people
     */
    synchronized void refused(String reason, Instant now) {
        if (now.isBefore(quicAgainAt)) {
            return;
        }
        refusals++;
        if (!hasQuicWorked || refusals >= REFUSALS_BEFORE_FALLBACK) {
            fallBack(reason + ", but the edge answered over TCP", now);
        }
    }

    private void fallBack(String reason, Instant now) {
        quicAgainAt = now.plus(fallback);
        refusals = 0;
        log.warn(
                "Switching to fallback protocol http2", "reason", reason, "quicAgainAfter", fallback.toMinutes() + "m");
        fallback =
                fallback.multipliedBy(2).compareTo(LONGEST_FALLBACK) > 0 ? LONGEST_FALLBACK : fallback.multipliedBy(2);
    }
}
