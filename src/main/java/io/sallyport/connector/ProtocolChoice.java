package io.sallyport.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which transport to dial with: QUIC, or HTTP/2 for a while after QUIC did not get through: at once when HTTP/2 did in its place, and
 * otherwise when QUIC never had in this process (§10). The while doubles, so that a network without UDP is not asked again and again
 * . Shared by all connections.
 */
final class ProtocolChoice {
    private static final Duration FIRST_FALLBACK = Duration.ofMinutes(5);
    private static final Duration LONGEST_FALLBACK = Duration.ofHours(1);
    private static final int FAILURES_BEFORE_FALLBACK = 1;

    private final Optional<Protocol> fixed;
    private final ConnectorLog log;
    private Duration fallback = FIRST_FALLBACK;
    private Instant quicAgainAt = Instant.MIN;
    private boolean hasQuicWorked;
    private int failures;

    ProtocolChoice(Optional<Protocol> fixed, ConnectorLog log) {
        this.fixed = fixed;
        this.log = log;
    }

    synchronized Protocol current(Instant now) {
        return fixed.orElseGet(() -> now.isBefore(quicAgainAt) ? Protocol.HTTP2 : Protocol.QUIC);
    }

    /** What may be tried beside a transport that stays silent. */
    Optional<Protocol> alternative(Protocol protocol) {
        return protocol == Protocol.QUIC && fixed.isEmpty() ? Optional.of(Protocol.HTTP2) : Optional.empty();
    }

    synchronized void worked(Protocol protocol) {
        if (protocol == Protocol.QUIC) {
            hasQuicWorked = true;
            failures = 0;
            fallback = FIRST_FALLBACK;
        }
    }

    /** @param reason for people */
    synchronized void failed(Protocol protocol, String reason, Instant now) {
        if (protocol != Protocol.QUIC || fixed.isPresent() || now.isBefore(quicAgainAt)) {
            return;
        }
        failures++;
        // Where QUIC has worked before, it is rather the edge that is gone:
        // HTTP/2 is tried as well, but only after more failures.
        if (failures >= (hasQuicWorked ? 3 : FAILURES_BEFORE_FALLBACK)) {
            fallBack(reason, now);
        }
    }

    /** The edge was there over the alternative, while this one heard nothing. */
    synchronized void overtaken(Protocol protocol, Instant now) {
        if (protocol == Protocol.QUIC && !now.isBefore(quicAgainAt)) {
            fallBack(
                    "nothing answered over UDP for " + EdgeDial.SILENCE.toSeconds() + " s, and the edge did over TCP",
                    now);
        }
    }

    private void fallBack(String reason, Instant now) {
        quicAgainAt = now.plus(fallback);
        failures = 0;
        log.warn(
                "Switching to fallback protocol http2", "reason", reason, "quicAgainAfter", fallback.toMinutes() + "m");
        fallback =
                fallback.multipliedBy(2).compareTo(LONGEST_FALLBACK) > 0 ? LONGEST_FALLBACK : fallback.multipliedBy(2);
    }
}
