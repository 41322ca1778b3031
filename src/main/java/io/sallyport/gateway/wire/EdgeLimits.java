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
        requirePositive("head", head);
        requirePositive("idle", idle);
        requirePositive("body-window", bodyWindow);
        requirePositive("answer", answer);
        requireAtLeast("body-per-second", bodyPerSecond.toBytes(), 0);
        requireAtLeast("connections", connections, 1);
        requireAtLeast("connections-per-source", connectionsPerSource, 1);
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("sallyport.limits." + key + " must be longer than 0");
        }
    }

    private static void requireAtLeast(String key, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException("sallyport.limits." + key + " must be at least " + least);
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
