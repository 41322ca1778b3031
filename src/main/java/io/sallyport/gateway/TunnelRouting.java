package io.sallyport.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.sallyport.tunnel.TunnelAddress;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.tunnel.TunnelPath;
import io.sallyport.tunnel.TunnelPaths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * Carries requests over tunnels. A request goes to the least busy connection, or to a replica that holds one; when that
 * is gone before the request was sent, another is tried. A request that was sent is sent again only when its method is
 * safe.
 */
final class TunnelRouting {
    /**
     * Pieces of an upload requested at a time; with smaller batches large HTTP/2 uploads have stalled (design/stack.md
     * §8).
     */
    private static final int UPLOAD_BATCH = 32;

    /** How often a request is sent again at most. */
    private static final int REPEATS = 2;

    private final TunnelPaths paths;
    private final Duration patience;

    /** @param patience until an origin that got the whole request begins its answer */
    TunnelRouting(TunnelPaths paths, Duration patience) {
        this.paths = paths;
        this.patience = patience;
    }

    /**
     * Relays a WebSocket over a fresh stream; over one of another path when the handshake was not sent over the first.
     *
     * @param relay dials, and fails with the {@link TunnelFailure} of a handshake that was not sent
     */
    Mono<Void> relay(TunnelAddress to, Function<Mono<Channel>, Mono<Void>> relay) {
        List<TunnelPath> tried = new ArrayList<>();
        return relay.apply(dial(to, tried))
                .retryWhen(Retry.max(REPEATS)
                        .filter(failure -> failure instanceof TunnelFailure tunnel
                                && tunnel.kind() == TunnelFailure.Kind.NOT_SENT
                                && paths.next(to, tried).isPresent())
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure()));
    }

    private Mono<Channel> dial(TunnelAddress to, List<TunnelPath> tried) {
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

    /**
     * Opens a stream on the least busy path of the tunnel, and on the next one when that fails. Each attempt gets a
     * consumer of its own.
     */
    private void open(
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

    /** @param target path and query to request */
    Mono<Void> forward(ServerWebExchange exchange, String target, TunnelAddress to) {
        return attempt(new Request(exchange, target, to), REPEATS);
    }

    private Mono<Void> attempt(Request request, int repeats) {
        Attempt attempt = new Attempt();
        return Mono.<TunnelAnswer>create(sink -> open(
                        request.to,
                        request.tried,
                        () -> attempt.answers(new TunnelAnswer(sink, request::answered)),
                        stream -> {
                            if (attempt.goesOver(stream)) {
                                send(request, stream);
                            }
                        },
                        sink::error))
                .flatMap(answer -> respond(request.exchange, answer))
                .doFinally(signal -> attempt.end())
                .onErrorResume(failure -> repeats > 0
                                && request.mayBeRepeated(failure)
                                && paths.next(request.to, request.tried).isPresent()
                        ? attempt(request, repeats - 1)
                        : Mono.error(failure));
    }

    /** A request, and how far it has come in all attempts. */
    private static final class Request {
        private final ServerWebExchange exchange;
        private final String target;
        private final TunnelAddress to;
        private final EdgeRequest edge;
        private final boolean hasBody;
        /** Changed by one attempt at a time. */
        private final List<TunnelPath> tried = new ArrayList<>();
        /** Whether reading the body has begun; it cannot be read a second time. */
        private volatile boolean isBodyBegun;

        private volatile boolean isAnswered;

        Request(ServerWebExchange exchange, String target, TunnelAddress to) {
            this.exchange = exchange;
            this.target = target;
            this.to = to;
            this.edge = EdgeRequest.of(exchange);
            this.hasBody = edge.isChunked() || edge.getHeaders().getContentLength() > 0;
        }

        void answered() {
            isAnswered = true;
            AccessRecord.of(exchange).upstreamAnswered();
        }

        /**
         * A request that was not sent may be repeated whatever its method. One that may have arrived is repeated only when
         * its method is safe: RFC 9110 §9.2.2 would allow all idempotent methods, but a second DELETE is answered
         * differently from the first.
         */
        boolean mayBeRepeated(Throwable failure) {
            if (isAnswered || isBodyBegun || !(failure instanceof TunnelFailure tunnel)) {
                return false;
            }
            return switch (tunnel.kind()) {
                case NOT_SENT -> true;
                case LOST -> OriginRouting.isSafe(edge.getMethod());
                case NO_CONNECTOR, ORIGIN, BUSY, MALFORMED -> false;
            };
        }
    }

    /** The stream of one attempt, which is closed when the attempt ends, even if it opens only then. */
    private static final class Attempt {
        private volatile @Nullable TunnelAnswer answer;
        private volatile @Nullable Channel stream;
        private volatile boolean isOver;

        /** Each stream that is tried has an answer of its own. */
        TunnelAnswer answers(TunnelAnswer next) {
            answer = next;
            return next;
        }

        /** False when the visitor has left meanwhile: nothing is to be sent. */
        boolean goesOver(Channel opened) {
            stream = opened;
            if (isOver) {
                opened.close();
            }
            return !isOver;
        }

        void end() {
            isOver = true;
            TunnelAnswer begun = answer;
            if (stream != null && begun != null) {
                begun.end();
            }
        }
    }

    private void send(Request request, Channel stream) {
        HttpRequest head = head(request);
        if (!request.hasBody) {
            stream.writeAndFlush(head);
            stream.read();
            AnswerDeadline.start(stream, patience);
            return;
        }
        Flux<DataBuffer> body = request.edge
                .getBody()
                .publishOn(Schedulers.fromExecutor(stream.eventLoop()), UPLOAD_BATCH)
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
        stream.eventLoop().execute(() -> {
            ChannelFuture written = stream.write(head);
            stream.read();
            // If the connection has closed since it was chosen, the write fails immediately: nothing was sent, and the
            // body can go with the next attempt.
            boolean isRefused = written.isDone() && !written.isSuccess();
            if (!isRefused && stream.isActive()) {
                TunnelPath.whenTaken(stream, () -> upload(stream, body, request));
            }
        });
    }

    /** Sends the body. From here on there is no second attempt, because the body is consumed. */
    private void upload(Channel stream, Flux<DataBuffer> body, Request request) {
        request.isBodyBegun = true;
        TunnelUpload upload = new TunnelUpload(stream, () -> AnswerDeadline.start(stream, patience));
        stream.pipeline().addLast(upload.room());
        body.subscribe(upload);
    }

    private static HttpRequest head(Request request) {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        headers.add(request.edge.fields());
        headers.remove(HttpHeaderNames.UPGRADE);
        HttpMethod method = HttpMethod.valueOf(request.edge.getMethod().name());
        if (!request.hasBody) {
            return new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1,
                    method,
                    request.target,
                    Unpooled.EMPTY_BUFFER,
                    headers,
                    LastHttpContent.EMPTY_LAST_CONTENT.trailingHeaders());
        }
        if (!headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, request.target, headers);
    }

    private static Mono<Void> respond(ServerWebExchange exchange, TunnelAnswer answer) {
        HttpResponse head = answer.head();
        exchange.getResponse()
                .setStatusCode(HttpStatusCode.valueOf(head.status().code()));
        ResponseGuard.pass(head.headers(), exchange);
        return answer.isShort()
                ? OriginAnswerFilter.write(exchange, answer.whole())
                : OriginAnswerFilter.write(exchange, answer.body(), Mono.fromSupplier(answer::trailers));
    }
}
