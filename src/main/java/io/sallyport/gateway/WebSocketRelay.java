package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.sallyport.http.WebSocketKey;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;

/**
 * Relays WebSockets as bytes. The origin is asked first and its answer decides: a 101 becomes the visitor's 101 with the origin's
 * subprotocol and extensions, anything else reaches the visitor as it is (RP-19). After that frames of any size and kind pass
 * unread, close codes included.
 */
final class WebSocketRelay {
    /** How long an origin may take to answer a handshake. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Watches a relay, and may cut it off. */
    @FunctionalInterface
    interface Watch {
        /** @param cut ends it with a close code */
        Mono<Void> over(IntConsumer cut, Mono<Void> whole);

        /** The close code for the visitor when the origin ends without a close frame; 0 for none. */
        default int closeCode() {
            return 0;
        }
    }

    /**
     * Relays to the channel that is dialled.
     *
     * @param target path and query that are asked for there
     * @param dialled a channel that speaks HTTP objects and, after a 101, bytes
     */
    Mono<Void> relay(ServerWebExchange exchange, String target, Mono<Channel> dialled, Watch watch) {
        AccessRecord record = AccessRecord.of(exchange);
        EdgeRequest request = EdgeRequest.of(exchange);
        return Mono.defer(() -> {
            Ending ending = new Ending();
            return dialled.flatMap(channel -> {
                        WebSocketSession session = new WebSocketSession(record, channel, watch);
                        if (!ending.isFor(session)) {
                            return Mono.empty();
                        }
                        return ask(channel, session, request, target)
                                .doOnNext(answer -> record.upstreamAnswered())
                                .publishOn(onLoopOf(exchange.getResponse()))
                                .flatMap(answer -> answer.status() == 101
                                        ? accept(exchange, watch, session, request, answer)
                                        : refuse(exchange, answer));
                    })
                    .doFinally(signal -> ending.now());
        });
    }

    private static Mono<OriginHandshake.Answer> ask(
            Channel origin, WebSocketSession session, EdgeRequest request, String target) {
        OriginHandshake handshake = new OriginHandshake(session.down());
        WebSocketSession.append(origin, "sallyport.handshake", handshake);
        origin.writeAndFlush(handshake(request, target)).addListener(written -> {
            if (!written.isSuccess()) {
                handshake.fail(written.cause()); // the channel closed before its handlers were in place
            }
        });
        origin.read();
        return handshake.answer().timeout(PATIENCE);
    }

    /**
     * Ends the session of a relay when the relay ends, even if it begins only then. It stands outside of {@code flatMap}, because a
     * cancellation at the moment when the inner part begins may not reach that (reactor-core 3.8.8): a visitor who left then kept a
     * stream of the tunnel and a connection to the origin open for ever.
     */
    private static final class Ending {
        private volatile @Nullable WebSocketSession session;
        private volatile boolean isOver;

        /** False when the relay has ended already. */
        boolean isFor(WebSocketSession begun) {
            session = begun;
            if (isOver) {
                begun.over();
            }
            return !isOver;
        }

        void now() {
            isOver = true;
            WebSocketSession begun = session;
            if (begun != null) {
                begun.over();
            }
        }
    }

    /**
     * The visitor's own event loop. The 101 must be written and the channel taken over in one turn of it; on another
     * thread the first frame could arrive in between and be lost in the codec.
     */
    private static Scheduler onLoopOf(ServerHttpResponse response) {
        AtomicReference<Scheduler> loop = new AtomicReference<>(Schedulers.immediate());
        raw(response)
                .withConnection(visitor ->
                        loop.set(Schedulers.fromExecutor(visitor.channel().eventLoop())));
        return loop.get();
    }

    private static FullHttpRequest handshake(EdgeRequest request, String target) {
        FullHttpRequest handshake = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target);
        handshake.headers().add(request.fields());
        handshake.headers().set(HttpHeaderNames.CONNECTION, "Upgrade");
        handshake.headers().set(HttpHeaderNames.UPGRADE, "websocket");
        handshake.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
        return handshake;
    }

    private static Mono<Void> accept(
            ServerWebExchange exchange,
            Watch watch,
            WebSocketSession session,
            EdgeRequest request,
            OriginHandshake.Answer answer) {
        String key = request.getHeaders().getFirst("Sec-WebSocket-Key");
        String accepted = answer.headers().get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
        if (key == null
                || !WebSocketKey.accept(key).equals(accepted)
                || !answer.headers().contains(HttpHeaderNames.UPGRADE, "websocket", true)) {
            return Mono.error(new OriginFailure.Malformed("the origin did not accept this handshake"));
        }
        ServerHttpResponse response = exchange.getResponse();
        ResponseGuard.pass(answer.headers(), exchange);
        HttpHeaders headers = response.getHeaders();
        String protocol = headers.getFirst("Sec-WebSocket-Protocol");
        headers.remove("Sec-WebSocket-Protocol");
        headers.remove("Sec-WebSocket-Accept");
        WebsocketServerSpec spec = protocol == null
                ? WebsocketServerSpec.builder().build()
                : WebsocketServerSpec.builder().protocols(protocol).build();
        response.setRawStatusCode(101);
        HttpServerResponse raw = raw(response);
        // Completing a response that has no body yet copies its headers to the native response, from which the
        // handshake takes them.
        Mono<Void> whole = response.setComplete()
                .then(Mono.defer(() -> raw.sendWebsocket((in, out) -> session.begin(in), spec)))
                .then(session.ended());
        return watch.over(session::end, whole);
    }

    private static Mono<Void> refuse(ServerWebExchange exchange, OriginHandshake.Answer answer) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(answer.status()));
        ResponseGuard.pass(answer.headers(), exchange);
        response.getHeaders().setContentLength(answer.body().length);
        AccessRecord.of(exchange).sent(answer.body().length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(answer.body())));
    }

    private static HttpServerResponse raw(ServerHttpResponse response) {
        return ServerHttpResponseDecorator.getNativeResponse(response);
    }
}
