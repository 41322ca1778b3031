package io.sallyport.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.TunnelFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;

/**
 * The answer on a tunnel's stream: its head once, then its body at the reader's pace. The stream is read only while the
 * reader has asked for more than is buffered, so a slow visitor slows the origin down and fills no memory (TU-06). All
 * state belongs to the stream's event loop.
 */
final class TunnelAnswer extends ChannelInboundHandlerAdapter {
    /**
     * Pieces requested ahead for the visitor's event loop: at most half a megabyte over HTTP/2, whose frames hold 32 KB, and a
     * megabyte over QUIC, which is read 64 KB at a time.
     */
    private static final int AHEAD = 16;

    private final Sinks.One<HttpResponse> head = Sinks.one();
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private final Reading reading = new Reading();
    private volatile HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Subscriber<? super ByteBuf> reader;
    private @Nullable Throwable failure;
    private long wanted;
    private boolean isComplete;
    private boolean isOver;
    private boolean isPassing;

    /** The head; an error if there is none. */
    Mono<HttpResponse> head() {
        return head.asMono();
    }

    /** The body, for one reader. */
    Flux<ByteBuf> body() {
        Flux<ByteBuf> pieces = Flux.from(subscriber -> onLoop(() -> {
            reader = subscriber;
            subscriber.onSubscribe(reading);
            pass();
        }));
        return pieces.limitRate(AHEAD);
    }

    /** The trailers, once the body is complete. */
    HttpHeaders trailers() {
        return trailers;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case HttpResponse response -> {
                AnswerDeadline.met(ctx.channel());
                head.tryEmitValue(response);
            }
            case HttpContent content -> {
                if (content.content().isReadable() && !isOver) {
                    waiting.add(content.content());
                } else {
                    content.release();
                }
                if (content instanceof LastHttpContent last) {
                    Trailers.reduce(last.trailingHeaders());
                    trailers = last.trailingHeaders();
                    isComplete = true;
                }
                pass();
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!isComplete && !isOver && wanted > waiting.size()) {
            ctx.read();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(TunnelFailure.lost());
        ctx.fireChannelInactive();
    }

    private void fail(Throwable cause) {
        if (isComplete || isOver || failure != null) {
            return;
        }
        failure = cause;
        head.tryEmitError(cause);
        pass();
    }

    /** Passes on what is buffered and requested, then the end if it is reached. Not re-entrant. */
    private void pass() {
        Subscriber<? super ByteBuf> to = reader;
        if (to == null || isPassing || isOver) {
            return;
        }
        isPassing = true;
        while (wanted > 0 && !waiting.isEmpty() && !isOver) {
            wanted--;
            to.onNext(waiting.remove());
        }
        isPassing = false;
        Throwable cause = failure;
        if (isOver) {
            drop();
        } else if (waiting.isEmpty() && isComplete) {
            isOver = true;
            to.onComplete();
        } else if (cause != null) {
            isOver = true;
            drop();
            to.onError(cause);
        }
    }

    private void drop() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
    }

    private void onLoop(Runnable step) {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("there is no answer before there is a stream");
        }
        if (ctx.executor().inEventLoop()) {
            step.run();
        } else {
            ctx.executor().execute(step);
        }
    }

    /** The reader's demand. */
    private final class Reading implements Subscription {
        @Override
        public void request(long more) {
            onLoop(() -> {
                wanted = Operators.addCap(wanted, more);
                pass();
                ChannelHandlerContext ctx = context;
                if (ctx != null && !isComplete && !isOver && wanted > waiting.size()) {
                    ctx.read();
                }
            });
        }

        @Override
        public void cancel() {
            onLoop(() -> {
                if (!isOver) {
                    isOver = true;
                    drop();
                    if (context != null) {
                        context.close();
                    }
                }
            });
        }
    }
}
