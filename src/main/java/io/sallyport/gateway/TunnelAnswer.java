package io.sallyport.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.TunnelFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;

/**
 * The answer on a tunnel's stream. A short one is handed over when it is complete; of any other first the head, then the body at the
 * reader's pace: the stream is read only while the reader has asked for more than is buffered, so a slow visitor slows the origin
 * down and fills no memory (TU-06). All state belongs to the stream's event loop.
 */
final class TunnelAnswer extends ChannelInboundHandlerAdapter {
    /**
     * Pieces requested ahead for the visitor's event loop: at most half a megabyte over HTTP/2, whose frames hold 32 KB, and a
     * megabyte over QUIC, which is read 64 KB at a time.
     */
    private static final int AHEAD = 16;

    private final MonoSink<TunnelAnswer> taker;
    private final Runnable begins;
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private final Reading reading = new Reading();
    private volatile HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    private volatile @Nullable HttpResponse head;
    private volatile boolean isShort;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Subscriber<? super ByteBuf> reader;
    private @Nullable Throwable failure;
    /** Pieces that the reader has asked for and not got yet. */
    private long wanted;
    /** Whether the last piece has arrived. */
    private boolean isComplete;
    /** Whether nothing more is handed over: the end was, or nobody wants it any more. */
    private boolean isOver;
    /** The reader may ask for more while it gets a piece. */
    private boolean isPassing;

    /**
     * @param taker gets this answer when its head has arrived, and also its body if it is short; otherwise why there is none
     * @param begins runs when the head arrives
     */
    TunnelAnswer(MonoSink<TunnelAnswer> taker, Runnable begins) {
        this.taker = taker;
        this.begins = begins;
    }

    /** The head. */
    HttpResponse head() {
        return Objects.requireNonNull(head, "an answer is handed over with its head");
    }

    /** Whether the body has arrived, and {@link #whole} must be called for it, at once, instead of {@link #body}. */
    boolean isShort() {
        return isShort;
    }

    /** The body of a short answer, which now belongs to the caller. */
    List<ByteBuf> whole() {
        List<ByteBuf> body = List.copyOf(waiting);
        waiting.clear();
        return body;
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
            case HttpResponse response -> begin(ctx, response);
            case HttpContent content -> take(content);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpResponse response) {
        AnswerDeadline.met(ctx.channel());
        head = response;
        isShort = OriginAnswerFilter.isShort(HttpUtil.getContentLength(response, -1L));
        begins.run();
        if (!isShort) {
            taker.success(this);
        }
    }

    private void take(HttpContent content) {
        if (content.content().isReadable() && !isOver) {
            waiting.add(content.content());
        } else {
            content.release();
        }
        if (content instanceof LastHttpContent last) {
            Trailers.reduce(last.trailingHeaders());
            trailers = last.trailingHeaders();
            isComplete = true;
            if (isShort && !isOver) {
                isOver = true;
                taker.success(this);
            }
        }
        pass();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!isComplete && !isOver && (isShort || wanted > waiting.size())) {
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
        if (isShort || head == null) {
            isOver = true;
            drop();
            taker.error(cause);
        }
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

    /** Releases a short body that nobody took. A reader of a longer one may still want what has arrived for it. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (isShort) {
            drop();
        }
    }

    /**
     * Closes the stream and releases what nobody has read: a visitor may leave after the head has come and before anybody
     * reads the body. From any thread.
     */
    void end() {
        onLoop(() -> {
            isOver = true;
            drop();
            if (context != null) {
                context.close();
            }
        });
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
            end();
        }
    }
}
