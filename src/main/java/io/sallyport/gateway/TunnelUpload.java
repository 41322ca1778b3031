package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.publisher.BaseSubscriber;

/**
 * Writes a visitor's body to a tunnel's stream, no faster than the origin takes it: the next piece is asked for when the stream has
 * room. Runs on the stream's event loop.
 */
final class TunnelUpload extends BaseSubscriber<DataBuffer> {
    private final Channel stream;
    private final Runnable atEnd;
    private boolean isWaiting;

    /** @param atEnd runs when nothing more of the body will be written and an answer may still come */
    TunnelUpload(Channel stream, Runnable atEnd) {
        this.stream = stream;
        this.atEnd = atEnd;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        stream.closeFuture().addListener(closed -> cancel());
        next();
    }

    @Override
    protected void hookOnNext(DataBuffer piece) {
        stream.writeAndFlush(new DefaultHttpContent(NettyDataBufferFactory.toByteBuf(piece)))
                .addListener((ChannelFutureListener) written -> {
                    if (!written.isSuccess()) {
                        cancel();
                        if (stream.isActive()) {
                            atEnd.run(); // the origin wants no more of the body; its answer may still come
                        }
                    }
                });
        next();
    }

    private void next() {
        if (!stream.isActive()) {
            cancel();
        } else if (stream.isWritable()) {
            request(1);
        } else {
            isWaiting = true;
        }
    }

    @Override
    protected void hookOnComplete() {
        stream.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        atEnd.run();
    }

    /** A visitor who breaks off must not look like one who finished. */
    @Override
    protected void hookOnError(Throwable failure) {
        stream.close();
    }

    /** A handler that asks for the next piece when the stream becomes writable. */
    ChannelHandler room() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                if (isWaiting && stream.isWritable()) {
                    isWaiting = false;
                    request(1);
                }
                ctx.fireChannelWritabilityChanged();
            }
        };
    }
}
