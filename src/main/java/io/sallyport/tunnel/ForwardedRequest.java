package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that another replica decided on, carried over a connection that this one holds, or refused: it never goes
 * on to a third replica. Each direction is read only while the other can take more, so back-pressure reaches from the
 * visitor, behind the other replica, to the origin.
 */
final class ForwardedRequest extends ChannelInboundHandlerAdapter {
    private final TunnelDirectory directory;
    private final List<TunnelPath> tried = new ArrayList<>();
    private final Deque<Object> early = new ArrayDeque<>();
    private @Nullable Channel tunnel;
    private boolean isOver;

    ForwardedRequest(TunnelDirectory directory) {
        this.directory = directory;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel to = tunnel;
        if (message instanceof ForwardedCodec.Head head) {
            open(ctx, head.to(), head.request());
        } else if (isOver) {
            ReferenceCountUtil.release(message);
        } else if (to == null) {
            early.add(message);
        } else {
            to.write(message);
        }
    }

    private void open(ChannelHandlerContext ctx, TunnelAddress where, HttpRequest request) {
        if (isOver) {
            return;
        }
        Optional<TunnelConnection> next = directory.leastBusy(where, tried);
        if (next.isEmpty()) {
            refuse(ctx, request);
            return;
        }
        TunnelConnection connection = next.get();
        tried.add(connection);
        Back back = new Back(ctx.channel());
        connection.open(back).addListener(opened -> {
            Channel stream = opened.isSuccess() ? (Channel) opened.getNow() : null;
            if (stream == null) {
                ctx.executor().execute(() -> open(ctx, where, request));
            } else {
                on(stream.eventLoop(), () -> {
                    boolean isSent = back.send(stream, request);
                    on(ctx.executor(), () -> {
                        if (isSent) {
                            begin(ctx, stream, request);
                        } else {
                            open(ctx, where, request);
                        }
                    });
                });
            }
        });
    }

    /** Runs a step on its loop; immediately when called there, so that no part of an answer is handled in between. */
    private static void on(EventExecutor loop, Runnable step) {
        if (loop.inEventLoop()) {
            step.run();
        } else {
            loop.execute(step);
        }
    }

    private void refuse(ChannelHandlerContext ctx, HttpRequest request) {
        isOver = true;
        ReferenceCountUtil.release(request);
        drop();
        ctx.writeAndFlush(TunnelFailure.noConnector(tried.isEmpty()));
    }

    /** The request's head has been sent: now its body may follow. */
    private void begin(ChannelHandlerContext ctx, Channel opened, HttpRequest request) {
        if (isOver || !ctx.channel().isActive()) {
            drop();
            opened.close();
            return;
        }
        tunnel = opened;
        if (!(request instanceof LastHttpContent)) {
            ctx.writeAndFlush(ForwardedCodec.Taken.TAKEN);
        }
        early.forEach(opened::write);
        early.clear();
        opened.flush();
        ctx.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Channel to = tunnel;
        if (to == null) {
            return;
        }
        to.flush();
        if (to.isWritable()) {
            ctx.read();
        }
    }

    /** The other replica takes more, so the origin may send more. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Channel to = tunnel;
        if (to != null && ctx.channel().isWritable()) {
            to.read();
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** The visitor or the other replica is gone: cancels the request at the origin. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        isOver = true;
        drop();
        Channel to = tunnel;
        if (to != null) {
            to.close();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void drop() {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }

    /** The way back: passes the answer on the connector's stream to the other replica. */
    private static final class Back extends ChannelInboundHandlerAdapter {
        private final Channel replica;
        private boolean isSent;
        private boolean isComplete;

        Back(Channel replica) {
            this.replica = replica;
        }

        /** Sends the request's head; false when the connection refused it at once, so that another may be tried. */
        boolean send(Channel stream, HttpRequest request) {
            ChannelFuture written = stream.write(request);
            isSent = stream.isActive() && (!written.isDone() || written.isSuccess());
            if (isSent) {
                stream.flush();
                stream.read();
            } else {
                stream.close();
            }
            return isSent;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof LastHttpContent) {
                isComplete = true;
                // The other replica ends its side when it has read everything; a reset of ours would overtake that.
                replica.writeAndFlush(message);
                ctx.close();
            } else {
                replica.write(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            replica.flush();
            if (!isComplete && replica.isWritable()) {
                ctx.read();
            }
        }

        /** The connector takes more, so the visitor may send more. */
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                replica.read();
            }
            ctx.fireChannelWritabilityChanged();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!isComplete && isSent) {
                isComplete = true;
                replica.writeAndFlush(ForwardedCodec.failure(cause));
            }
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!isComplete && isSent) {
                replica.close();
            }
            ctx.fireChannelInactive();
        }
    }
}
