package io.sallyport.gateway.wire;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What clients and origins may take of the edge (threats DO-01, DO-04).
 *
 * @param head until a TLS handshake, or a header block from its first byte, is whole
 * @param idle until a connection on which nothing happens is closed
 * @param bodyPerSecond the least rate of a request body while the gate is ready to take it; 0 asks for none
 * @param bodyWindow the time over which that rate is measured
 * @param connections open connections of all listeners together
 * @param connectionsPerSource open connections of one IPv4 address or IPv6 /64; listed proxies count in the sum only
 * @param answer until an origin that got the whole request begins its answer
 */
public record EdgeLimits(
        @DefaultValue("10s") Duration head,
        @DefaultValue("75s") Duration idle,
        @DefaultValue("240B") DataSize bodyPerSecond,
        @DefaultValue("10s") Duration bodyWindow,
        @DefaultValue("20000") int connections,
        @DefaultValue("1000") int connectionsPerSource,
        @DefaultValue("100s") Duration answer) {
    /** @throws IllegalArgumentException when a limit is none: it would be off without a word */
    public EdgeLimits {
        if (head.isNegative()
                || head.isZero()
                || idle.isNegative()
                || idle.isZero()
                || bodyWindow.isNegative()
                || bodyWindow.isZero()
                || answer.isNegative()
                || answer.isZero()
                || bodyPerSecond.isNegative()
                || connections < 1
                || connectionsPerSource < 1) {
            throw new IllegalArgumentException(
                    "every limit of sallyport.limits must be more than nothing (body-per-second alone may be 0)");
        }
    }

    /** The same with no more connections in all than these. */
    public EdgeLimits atMost(int most) {
        return new EdgeLimits(
                head, idle, bodyPerSecond, bodyWindow, Math.min(connections, most), connectionsPerSource, answer);
    }

    /** The same for another port, with this many connections in all, and as many of one source. */
    public EdgeLimits withConnections(int most) {
        return new EdgeLimits(head, idle, bodyPerSecond, bodyWindow, most, most, answer);
    }
}
