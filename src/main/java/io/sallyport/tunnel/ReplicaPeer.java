package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Another replica and the links to it. It is dialled as soon as the directory lists it, so that requests find an open
 * link. If dialling fails, requests skip it until it is dialled again after the next reading of the directory.
 */
final class ReplicaPeer {
    /** When all of these are full, further requests are refused. */
    private static final int MOST_LINKS = 16;

    private final ReplicaLink.Dialler dialler;
    private final UUID replica;
    private final InetSocketAddress address;
    private final List<ReplicaLink> links = new CopyOnWriteArrayList<>();
    private volatile boolean isDown;
    private volatile boolean isRetired;

    ReplicaPeer(ReplicaLink.Dialler dialler, UUID replica, InetSocketAddress address) {
        this.dialler = dialler;
        this.replica = replica;
        this.address = address;
    }

    /** Whether requests may go here. */
    boolean isReachable() {
        return links.stream().anyMatch(link -> link.isReady() ? link.isUsable() : link.isUsable() && !isDown);
    }

    int outstanding() {
        return links.stream().mapToInt(ReplicaLink::outstanding).sum();
    }

    /**
     * Opens a stream on the least busy link, and dials another one when all are full. A worn link is used only while no
     * other is ready.
     */
    Future<? extends Channel> open(TunnelAddress to, ChannelHandler consumer) {
        Optional<ReplicaLink> best = links.stream()
                .filter(ReplicaLink::isUsable)
                .min(Comparator.comparing(ReplicaLink::isReady)
                        .reversed()
                        .thenComparing(ReplicaLink::isWorn)
                        .thenComparingInt(ReplicaLink::outstanding));
        ReplicaLink link = best.filter(each -> !each.isFull() || links.size() >= MOST_LINKS)
                .orElseGet(this::dial);
        return link.open(to, consumer);
    }

    /** Opens a link unless there is one that is not worn, which takes the place of worn ones as soon as it is ready. */
    synchronized void keepUp() {
        if (isRetired) {
            return;
        }
        List<ReplicaLink> fresh =
                links.stream().filter(link -> link.isUsable() && !link.isWorn()).toList();
        if (fresh.isEmpty()) {
            dial();
        } else if (fresh.stream().anyMatch(ReplicaLink::isReady)) {
            links.stream().filter(link -> link.isUsable() && link.isWorn()).forEach(ReplicaLink::replace);
        }
    }

    private synchronized ReplicaLink dial() {
        ReplicaLink link = new ReplicaLink(dialler, replica, address, this::ended);
        links.add(link);
        return link;
    }

    /**
     * Redials a link that was lost, and lets requests wait for that; a link that could not be opened is not redialled
     * here.
     */
    private synchronized void ended(ReplicaLink link) {
        links.remove(link);
        isDown = !link.isReady();
        if (!isDown) {
            keepUp();
        }
    }

    /** The directory does not list this replica any more; running requests may finish. */
    synchronized void retire() {
        isRetired = true;
        links.forEach(ReplicaLink::retire);
    }
}
