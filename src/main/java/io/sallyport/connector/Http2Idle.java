package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Manages a shared HTTP/2 connection to an origin: takes it out of use when the origin sends GOAWAY, and closes it when
 * it has been idle for a while.
 */
final class Http2Idle extends ChannelInboundHandlerAdapter {
    private final Duration patience;
    private final Runnable unfit;
    private boolean isRetired;
    private long quietSince = System.nanoTime();

    /** @param unfit runs when no new request may go there */
    Http2Idle(Duration patience, Runnable unfit) {
        this.patience = patience;
        this.unfit = unfit;
    }

    /** Takes a connection out of use: it closes with its last stream. May be called from any thread. */
    static void retire(Channel connection) {
        connection.eventLoop().execute(() -> {
            Http2Idle watch = connection.pipeline().get(Http2Idle.class);
            if (watch != null) {
                watch.retireNow(connection);
            }
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Channel connection = ctx.channel();
        long interval = Math.clamp(patience.toMillis() / 4, 50, 1000);
        var looking =
                ctx.executor().scheduleAtFixedRate(() -> look(connection), interval, interval, TimeUnit.MILLISECONDS);
        connection.closeFuture().addListener(closed -> {
            looking.cancel(false);
            unfit.run();
        });
    }

    private void retireNow(Channel connection) {
        isRetired = true;
        unfit.run();
        look(connection);
    }

    private void look(Channel connection) {
        Http2FrameCodec codec = connection.pipeline().get(Http2FrameCodec.class);
        if (codec != null && codec.connection().numActiveStreams() > 0) {
            quietSince = System.nanoTime();
        } else if (isRetired || System.nanoTime() - quietSince > patience.toNanos()) {
            connection.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2GoAwayFrame) {
            retireNow(ctx.channel());
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
