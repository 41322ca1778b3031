package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.sallyport.tunnel.TunnelAddress;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.tunnel.TunnelPath;
import io.sallyport.tunnel.TunnelPaths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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
    /** Pieces of an upload requested at a time. With single ones large uploads over HTTP/2 have stalled (Reactor Netty 1.3.8). */
    private static final int UPLOAD_BATCH = 32;

    /** How often a request is sent again at most. */
    private static final int REPEATS = 2;

    private final TunnelStreams streams;
    private final Duration patience;

    /** @param patience until an origin that got the whole request begins its answer */
    TunnelRouting(TunnelPaths paths, Duration patience) {
        this.streams = new TunnelStreams(paths);
        this.patience = patience;
    }

    /**
     * Relays a WebSocket over a fresh stream; over one of another path when the handshake was not sent over the first.
     *
     * @param relay dials, and fails with the {@link TunnelFailure} of a handshake that was not sent
     */
    Mono<Void> relay(TunnelAddress to, Function<Mono<Channel>, Mono<Void>> relay) {
        List<TunnelPath> tried = new ArrayList<>();
        return relay.apply(streams.dial(to, tried))
                .retryWhen(Retry.max(REPEATS)
                        .filter(failure -> failure instanceof TunnelFailure tunnel
                                && tunnel.kind() == TunnelFailure.Kind.NOT_SENT
                                && streams.hasAnother(to, tried))
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure()));
    }

    /**
     * Sends a request and passes its answer on. Fails with a {@link TunnelFailure}, or with what the codec reports.
     *
     * @param target path and query to request
     */
    Mono<Void> forward(ServerWebExchange exchange, String target, TunnelAddress to) {
        return attempt(new TunnelRequest(exchange, target, to), REPEATS);
    }

    private Mono<Void> attempt(TunnelRequest request, int repeats) {
        Attempt attempt = new Attempt();
        return Mono.<TunnelAnswer>create(sink -> streams.open(
                        request.to(),
                        request.tried(),
                        () -> attempt.answers(new TunnelAnswer(sink, request::answered)),
                        stream -> {
                            if (attempt.goesOver(stream)) {
                                send(request, stream);
                            }
                        },
                        sink::error))
                .flatMap(answer -> respond(request.exchange(), answer))
                .doFinally(signal -> attempt.end())
                .onErrorResume(failure -> repeats > 0
                                && request.mayBeRepeated(failure)
                                && streams.hasAnother(request.to(), request.tried())
                        ? attempt(request, repeats - 1)
                        : Mono.error(failure));
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

    private void send(TunnelRequest request, Channel stream) {
        HttpRequest head = request.head();
        if (!request.hasBody()) {
            stream.writeAndFlush(head);
            stream.read();
            AnswerDeadline.start(stream, patience);
            return;
        }
        Flux<DataBuffer> body = request.body()
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

    private void upload(Channel stream, Flux<DataBuffer> body, TunnelRequest request) {
        request.bodyBegins();
        TunnelUpload upload = new TunnelUpload(stream, () -> AnswerDeadline.start(stream, patience));
        stream.pipeline().addLast(upload.room());
        body.subscribe(upload);
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
