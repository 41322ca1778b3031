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
 * Another replica. It is dialled as soon as the directory names it, so that requests find a link that is ready; one that could not
 * be dialled is skipped by requests and dialled again when the directory is read the next time.
 */
final class ReplicaPeer {
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

    /** Opens a stream on the least busy link, and dials another one when all are full. */
    Future<? extends Channel> open(TunnelAddress to, ChannelHandler consumer) {
        Optional<ReplicaLink> best = links.stream()
                .filter(ReplicaLink::isUsable)
                .min(Comparator.comparing(ReplicaLink::isReady).reversed().thenComparingInt(ReplicaLink::outstanding));
        ReplicaLink link = best.filter(each -> !each.isFull() || links.size() >= MOST_LINKS)
                .orElseGet(this::dial);
        return link.open(to, consumer);
    }

    /** Dials unless there is a link. */
    synchronized void keepUp() {
        if (!isRetired && links.stream().noneMatch(ReplicaLink::isUsable)) {
            dial();
        }
    }

    private synchronized ReplicaLink dial() {
        ReplicaLink[] self = new ReplicaLink[1];
        ReplicaLink link = new ReplicaLink(dialler, replica, address, () -> ended(self[0]));
        self[0] = link;
        links.add(link);
        return link;
    }

    /** One that was lost is dialled again at once, and requests wait for that; one that could not be made is not. */
    private synchronized void ended(ReplicaLink link) {
        links.remove(link);
        isDown = !link.isReady();
        if (!isDown) {
            keepUp();
        }
    }

    /** The directory does not name it any more: what runs may end. */
    synchronized void retire() {
        isRetired = true;
        links.forEach(ReplicaLink::retire);
    }
}
