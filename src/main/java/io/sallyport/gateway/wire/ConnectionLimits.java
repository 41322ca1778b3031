package io.sallyport.gateway.wire;

import io.netty.channel.Channel;
import io.sallyport.http.CidrTable;
import io.sallyport.http.ClientAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections the listeners hold, in all and from one source (DO-04): an IPv4 address or an IPv6 /64. A
 * trusted proxy stands for many clients, so for proxies only the total counts. The map holds the sources that are
 * connected now, so the total bounds its size too.
 */
public final class ConnectionLimits {
    private final int most;
    private final int mostPerSource;
    private final CidrTable trustedProxies;
    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentMap<String, Integer> bySource = new ConcurrentHashMap<>();

    /** @param trustedProxies addresses that stand for many clients and are counted in the total only */
    public ConnectionLimits(EdgeLimits limits, CidrTable trustedProxies) {
        this.most = limits.connections();
        this.mostPerSource = limits.connectionsPerSource();
        this.trustedProxies = trustedProxies;
    }

    /** Counts a connection until it closes; false when it exceeds a limit and must be closed. */
    boolean admits(Channel channel) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress peer)) {
            return false; // closed already
        }
        InetAddress address = peer.getAddress();
        String source = trustedProxies.contains(address) ? "" : ClientAddress.source(address);
        int ofSource = source.isEmpty() ? 0 : bySource.merge(source, 1, Integer::sum);
        int sum = all.incrementAndGet();
        channel.closeFuture().addListener(closed -> {
            all.decrementAndGet();
            bySource.computeIfPresent(source, (s, count) -> count == 1 ? null : count - 1);
        });
        return sum <= most && ofSource <= mostPerSource;
    }

    /** Connections that are open now. */
    public int open() {
        return all.get();
    }
}
