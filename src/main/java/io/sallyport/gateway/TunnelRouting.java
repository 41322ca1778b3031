package io.sallyport.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
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
import java.util.function.Supplier;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
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

    private final TunnelPaths paths;
    private final Duration patience;

    /** @param patience until an origin that got the whole request begins its answer */
    TunnelRouting(TunnelPaths paths, Duration patience) {
        this.paths = paths;
        this.patience = patience;
    }

    /**
     * Opens a stream on the least busy path of the tunnel, and on the next one when that fails. Each attempt gets a
     * consumer of its own.
     */
    private Mono<Channel> open(TunnelAddress to, List<TunnelPath> tried, Supplier<ChannelHandler> consumer) {
        return Mono.defer(() -> {
            TunnelPath path = paths.next(to, tried).orElse(null);
            if (path == null) {
                return Mono.error(TunnelFailure.noConnector(tried.isEmpty()));
            }
            tried.add(path);
            return Mono.<Channel>create(sink -> path.open(consumer.get()).addListener(opened -> {
                        if (opened.isSuccess()) {
                            sink.success((Channel) opened.getNow());
                        } else {
                            sink.error(opened.cause());
                        }
                    }))
                    .doOnDiscard(Channel.class, Channel::close)
                    .onErrorResume(failure -> open(to, tried, consumer));
        });
    }

    /** A fresh stream for a WebSocket handshake. */
    Mono<Channel> dial(TunnelAddress to) {
        return open(to, new ArrayList<>(), ChannelInboundHandlerAdapter::new);
    }

    /** @param target path and query to request */
    Mono<Void> forward(ServerWebExchange exchange, String target, TunnelAddress to) {
        EdgeRequest request = EdgeRequest.of(exchange);
        boolean hasBody = request.isChunked() || request.getHeaders().getContentLength() > 0;
        List<TunnelPath> tried = new ArrayList<>();
        Progress progress = new Progress();
        return attempt(exchange, target, to, tried, hasBody, progress)
                .retryWhen(Retry.max(2)
                        .filter(failure -> !progress.isAnswered
                                && !progress.isBodyBegun
                                && mayRepeat(failure, request)
                                && paths.next(to, tried).isPresent())
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure()));
    }

    /** How far a request has come. */
    private static final class Progress {
        /** Whether reading the body has begun; it cannot be read a second time. */
        private volatile boolean isBodyBegun;

        private volatile boolean isAnswered;
    }

    /**
     * A request that was not sent may be repeated whatever its method. One that may have arrived is repeated only when
     * its method is safe: RFC 9110 §9.2.2 would allow all idempotent methods, but a second DELETE is answered
     * differently from the first.
     */
    private static boolean mayRepeat(Throwable failure, EdgeRequest request) {
        if (!(failure instanceof TunnelFailure tunnel)) {
            return false;
        }
        return switch (tunnel.kind()) {
            case NOT_SENT -> true;
            case LOST -> OriginRouting.isSafe(request.getMethod());
            case NO_CONNECTOR, ORIGIN, BUSY, MALFORMED -> false;
        };
    }

    private Mono<Void> attempt(
            ServerWebExchange exchange,
            String target,
            TunnelAddress to,
            List<TunnelPath> tried,
            boolean hasBody,
            Progress progress) {
        return Mono.defer(() -> {
            TunnelAnswer answer = new TunnelAnswer();
            return open(to, tried, () -> answer)
                    .flatMap(stream -> send(exchange, target, stream, hasBody, progress)
                            .then(answer.head())
                            .doOnNext(head -> progress.isAnswered = true)
                            .flatMap(head -> respond(exchange, head, answer))
                            .doFinally(signal -> stream.close()));
        });
    }

    private Mono<Void> send(
            ServerWebExchange exchange, String target, Channel stream, boolean hasBody, Progress progress) {
        HttpRequest head = head(exchange, target, hasBody);
        if (!hasBody) {
            stream.writeAndFlush(head);
            stream.read();
            AnswerDeadline.start(stream, patience);
            return Mono.empty();
        }
        Flux<DataBuffer> body = EdgeRequest.of(exchange)
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
                TunnelPath.whenTaken(stream, () -> upload(stream, body, progress));
            }
        });
        return Mono.empty();
    }

    /** Sends the body. From here on there is no second attempt, because the body is consumed. */
    private void upload(Channel stream, Flux<DataBuffer> body, Progress progress) {
        progress.isBodyBegun = true;
        TunnelUpload upload = new TunnelUpload(stream, () -> AnswerDeadline.start(stream, patience));
        stream.pipeline().addLast(upload.room());
        body.subscribe(upload);
    }

    private static HttpRequest head(ServerWebExchange exchange, String target, boolean hasBody) {
        EdgeRequest request = EdgeRequest.of(exchange);
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        headers.add(request.fields());
        headers.remove(HttpHeaderNames.UPGRADE);
        HttpMethod method = HttpMethod.valueOf(request.getMethod().name());
        if (!hasBody) {
            return new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1,
                    method,
                    target,
                    Unpooled.EMPTY_BUFFER,
                    headers,
                    LastHttpContent.EMPTY_LAST_CONTENT.trailingHeaders());
        }
        if (!headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers);
    }

    private static Mono<Void> respond(ServerWebExchange exchange, HttpResponse head, TunnelAnswer answer) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(head.status().code()));
        ResponseGuard.pass(head.headers(), exchange);
        return OriginAnswerFilter.write(exchange, answer.body(), Mono.fromSupplier(answer::trailers));
    }
}
