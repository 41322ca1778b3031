package io.sallyport.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which transport to dial with: QUIC, or HTTP/2 for a while after HTTP/2 got through where QUIC did not (§10). When neither does, it is
 * the edge that is gone, which says nothing about QUIC. The while doubles, so that a network without UDP is not asked again and again
 * . Shared by all connections.
 */
final class ProtocolChoice {
    private static final Duration FIRST_FALLBACK = Duration.ofMinutes(5);
    private static final Duration LONGEST_FALLBACK = Duration.ofHours(1);
    private static final int REFUSALS_BEFORE_FALLBACK = 3;

    private final Optional<Protocol> fixed;
    private final ConnectorLog log;
    private Duration fallback = FIRST_FALLBACK;
    private Instant quicAgainAt = Instant.MIN;
    private boolean hasQuicWorked;
    private int refusals;

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
            refusals = 0;
            fallback = FIRST_FALLBACK;
        }
    }

    /** The edge was there over the alternative, while QUIC heard nothing. */
    synchronized void overtaken(Instant now) {
        if (!now.isBefore(quicAgainAt)) {
            fallBack(
                    "nothing answered over UDP for " + EdgeDial.SILENCE.toSeconds() + " s, and the edge did over TCP",
                    now);
        }
    }

    /**
     * The edge was there over the alternative, when QUIC had failed already. An edge that starts may listen for TCP a little sooner:
     * where QUIC has worked before, that must happen more than once.
     *
     * @param reason for people
     */
    synchronized void refused(String reason, Instant now) {
        if (now.isBefore(quicAgainAt)) {
            return;
        }
        refusals++;
        if (!hasQuicWorked || refusals >= REFUSALS_BEFORE_FALLBACK) {
            fallBack(reason + ", and the edge answered over TCP", now);
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
