package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.sallyport.tunnel.TunnelAddress;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.tunnel.TunnelPath;
import io.sallyport.tunnel.TunnelPaths;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Opens streams through tunnels, each on the least busy path, and on the next one when that fails. A caller keeps the list of the
 * paths that its request has tried.
 */
final class TunnelStreams {
    private final TunnelPaths paths;

    TunnelStreams(TunnelPaths paths) {
        this.paths = paths;
    }

    /** Whether a request that has tried these paths may try another one. */
    boolean hasAnother(TunnelAddress to, Collection<TunnelPath> tried) {
        return paths.next(to, tried).isPresent();
    }

    /**
     * Opens a stream.
     *
     * @param tried gets the paths that are tried
     * @param consumer makes the last handler of the stream, a new one for each path that is tried
     * @param then takes the stream, on any thread
     * @param failed is told instead that no path is left, or what one of the others has thrown
     */
    void open(
            TunnelAddress to,
            List<TunnelPath> tried,
            Supplier<ChannelHandler> consumer,
            Consumer<Channel> then,
            Consumer<Throwable> failed) {
        TunnelPath path = paths.next(to, tried).orElse(null);
        if (path == null) {
            failed.accept(TunnelFailure.noConnector(tried.isEmpty()));
            return;
        }
        tried.add(path);
        path.open(consumer.get()).addListener(opened -> {
            // Whatever a listener throws is only logged, and the visitor would wait for ever.
            try {
                if (opened.isSuccess()) {
                    then.accept((Channel) opened.getNow());
                } else {
                    open(to, tried, consumer, then, failed);
                }
            } catch (RuntimeException e) {
                failed.accept(e);
            }
        });
    }

    /** A fresh stream, to which the subscriber adds handlers. It is closed when the subscriber has left before it opens. */
    Mono<Channel> dial(TunnelAddress to, List<TunnelPath> tried) {
        return Mono.defer(() -> {
            AtomicReference<@Nullable Channel> untaken = new AtomicReference<>();
            return Mono.<Channel>create(sink -> open(
                            to,
                            tried,
                            Dialled::new,
                            stream -> {
                                untaken.set(stream);
                                sink.success(stream); // does nothing when the visitor has left meanwhile
                                Channel dropped = untaken.get();
                                if (dropped != null) {
                                    dropped.close();
                                }
                            },
                            sink::error))
                    .doOnNext(taken -> untaken.set(null));
        });
    }

    /** Closes a stream that fails before the relay has put its handlers behind this one; their write then fails. */
    private static final class Dialled extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (ctx.pipeline().last() == this) {
                ctx.close();
            } else {
                ctx.fireExceptionCaught(cause);
            }
        }
    }
}
