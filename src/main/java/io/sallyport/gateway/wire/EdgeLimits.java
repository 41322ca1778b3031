package io.sallyport.gateway.wire;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much time and how many connections clients and origins may take (threats DO-01, DO-04).
 *
 * @param head longest time for a TLS handshake, and for a header block from its first byte to its last
 * @param idle how long a connection without traffic stays open
 * @param bodyPerSecond the lowest rate of a request body while the gateway is ready to read it; 0 sets no lower bound
 * @param bodyWindow the time over which that rate is measured
 * @param connections open connections of all listeners together
 * @param connectionsPerSource open connections of one IPv4 address or IPv6 /64; trusted proxies count in the total only
 * @param answer how long an origin that has the whole request may take to begin its answer
 */
public record EdgeLimits(
        @DefaultValue("10s") Duration head,
        @DefaultValue("75s") Duration idle,
        @DefaultValue("240B") DataSize bodyPerSecond,
        @DefaultValue("10s") Duration bodyWindow,
        @DefaultValue("20000") int connections,
        @DefaultValue("1000") int connectionsPerSource,
        @DefaultValue("100s") Duration answer) {
    /** @throws IllegalArgumentException when a limit is zero or negative, which would silently switch it off */
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

    /** A copy whose total of connections is at most this. */
    public EdgeLimits atMost(int most) {
        return new EdgeLimits(
                head, idle, bodyPerSecond, bodyWindow, Math.min(connections, most), connectionsPerSource, answer);
    }

    /** A copy for another port: this many connections in total, all of which one source may use. */
    public EdgeLimits withConnections(int most) {
        return new EdgeLimits(head, idle, bodyPerSecond, bodyWindow, most, most, answer);
    }
}
