package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;
import reactor.netty.http.HttpResources;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.tcp.TcpClient;

/**
 * Relays WebSockets as bytes. The origin is asked first and its answer decides: a 101 becomes the visitor's 101 with the origin's
 * subprotocol and extensions, anything else reaches the visitor as it is (RP-19). After that frames of any size and kind pass
 * unread, close codes included.
 */
final class WebSocketRelay {
    private static final String BRIDGE = "reactor.right.reactiveBridge";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Watches a relay, and may cut it off. */
    @FunctionalInterface
    interface Watch {
        /** @param cut ends it with a close code */
        Mono<Void> over(IntConsumer cut, Mono<Void> whole);

        /** The close code for the visitor when the origin ends without a close frame; 0 for none. */
        default int word() {
            return 0;
        }
    }

    /** Relays to an origin that the gateway reaches itself. */
    Mono<Void> relay(ServerWebExchange exchange, String target, Origin origin, Watch watch) {
        return relay(exchange, target, connect(origin).map(WebSocketRelay::speakingHttp), watch);
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
                        Session session = new Session(record, channel, watch);
                        if (!ending.isFor(session)) {
                            return Mono.empty();
                        }
                        OriginHandshake handshake = new OriginHandshake(session.down);
                        append(channel, "sallyport.handshake", handshake);
                        channel.writeAndFlush(handshake(request, target)).addListener(written -> {
                            if (!written.isSuccess()) {
                                handshake.fail(written.cause()); // the channel closed before its handlers were in place
                            }
                        });
                        channel.read();
                        return handshake
                                .answer()
                                .timeout(PATIENCE)
                                .doOnNext(answer -> record.upstreamAnswered())
                                .publishOn(onLoopOf(exchange.getResponse()))
                                .flatMap(answer -> answer.status() == 101
                                        ? accept(exchange, watch, session, request, answer)
                                        : refuse(exchange, answer));
                    })
                    .doFinally(signal -> ending.now());
        });
    }

    /**
     * Ends the session of a relay when the relay ends, even if it begins only then. It stands outside of {@code flatMap}, because a
     * cancellation at the moment when the inner part begins may not reach that (reactor-core 3.8.8): a visitor who left then kept a
     * stream of the tunnel and a connection to the origin open for ever.
     */
    private static final class Ending {
        private volatile @Nullable Session session;
        private volatile boolean isOver;

        /** False when the relay has ended already. */
        boolean isFor(Session begun) {
            session = begun;
            if (isOver) {
                begun.over();
            }
            return !isOver;
        }

        void now() {
            isOver = true;
            Session begun = session;
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

    /** To the end of a pipeline; Reactor Netty's own end, where there is one, hands nothing on. */
    private static void append(Channel channel, String name, ChannelHandler handler) {
        if (channel.pipeline().get(BRIDGE) == null) {
            channel.pipeline().addLast(name, handler);
        } else {
            channel.pipeline().addBefore(BRIDGE, name, handler);
        }
    }

    private static Channel speakingHttp(Connection connection) {
        connection.addHandlerLast("sallyport.codec", new HttpClientCodec(16 * 1024, 64 * 1024, 8192));
        return connection.channel();
    }

    private static Mono<? extends Connection> connect(Origin origin) {
        TcpClient client = TcpClient.newConnection()
                .runOn(HttpResources.get())
                .host(origin.route().getUri().getHost().replaceAll("[\\[\\]]", ""))
                .port(origin.route().getUri().getPort())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        origin.upstream().connectTimeout().toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .doOnChannelInit(
                        (observer, channel, address) -> origin.connections().count(channel));
        SslContext tls = origin.tls();
        return (tls == null
                        ? client
                        : client.secure(spec -> spec.sslContext(tls).handlerConfigurator(origin::configure)))
                .connect();
    }

    private static FullHttpRequest handshake(EdgeRequest request, String target) {
        FullHttpRequest handshake = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target);
        handshake.headers().add(request.fields());
        handshake.headers().set(HttpHeaderNames.CONNECTION, "Upgrade");
        handshake.headers().set(HttpHeaderNames.UPGRADE, "websocket");
        handshake.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
        return handshake;
    }

    private Mono<Void> accept(
            ServerWebExchange exchange,
            Watch watch,
            Session session,
            EdgeRequest request,
            OriginHandshake.Answer answer) {
        String key = request.getHeaders().getFirst("Sec-WebSocket-Key");
        String accepted = answer.headers().get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
        if (key == null
                || !accept(key).equals(accepted)
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
        ServerHttpResponse inner = response;
        while (inner instanceof ServerHttpResponseDecorator decorator) {
            inner = decorator.getDelegate();
        }
        return ((AbstractServerHttpResponse) inner).getNativeResponse();
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key.strip() + GUID).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }

    /** The two directions of one WebSocket. */
    private static final class Session {
        private final Channel origin;
        private final RelayDirection down;
        private final Sinks.Empty<Void> ended = Sinks.empty();
        private volatile @Nullable RelayDirection up;

        Session(AccessRecord record, Channel origin, Watch watch) {
            this.origin = origin;
            this.down = new RelayDirection(origin, FrameTracker.Sender.SERVER, this::end, record::sent, watch::word);
        }

        Mono<Void> begin(WebsocketInbound in) {
            in.withConnection(connection -> start(connection.channel()));
            return ended();
        }

        /** Replaces the frame codecs in the visitor's channel, which would decode the frames. */
        void start(Channel client) {
            ChannelPipeline pipeline = client.pipeline();
            RelayDirection upwards =
                    new RelayDirection(client, FrameTracker.Sender.CLIENT, this::end, bytes -> {}, () -> 0);
            pipeline.addBefore(BRIDGE, "sallyport.relay", upwards);
            pipeline.addBefore(BRIDGE, "sallyport.room", new Room(down));
            append(origin, "sallyport.room", new Room(upwards));
            pipeline.remove("wsdecoder");
            pipeline.remove("wsencoder");
            client.closeFuture().addListener(closed -> ended.tryEmitEmpty());
            upwards.to(origin);
            down.to(client);
            up = upwards; // last, because whoever sees it relies on both directions being started
        }

        void end(int code) {
            down.end(code);
            RelayDirection upwards = up;
            if (upwards != null) {
                upwards.end(code);
            }
        }

        /** Before closing, the origin gets what the visitor has sent; one who leaves is not asked to wait for that. */
        void over() {
            RelayDirection upwards = up;
            if (upwards == null) {
                origin.close();
                down.drop();
            } else {
                upwards.finish();
                down.discard();
            }
        }

        Mono<Void> ended() {
            return ended.asMono();
        }
    }

    /** Resumes the opposite direction when this channel becomes writable. */
    private static final class Room extends ChannelInboundHandlerAdapter {
        private final RelayDirection feeder;

        Room(RelayDirection feeder) {
            this.feeder = feeder;
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                feeder.resume();
            }
            ctx.fireChannelWritabilityChanged();
        }
    }
}
