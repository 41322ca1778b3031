package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to the HTTP service of one rule: to the service itself, or through the proxy that the environment names for it, with
 * TLS where the service has it, and with the codec of the protocol that the origin chose.
 */
final class OriginDialer {
    /** Bytes of a status line. */
    private static final int LONGEST_LINE = 64 << 10;
    /** Bytes of a response's header block. */
    private static final int LARGEST_HEAD = 1 << 20;
    /** Bytes of a response's body in one message; a longer read becomes several. */
    private static final int LARGEST_PIECE = 64 << 10;
    /** Bytes of a response over HTTP/2 that an origin may send ahead. */
    private static final int STREAM_WINDOW = 1 << 20;

    private final Service service;
    private final OriginSettings settings;
    private final OriginProxies.@Nullable Proxy proxy;
    private final @Nullable SslContext tls;
    private final @Nullable SslContext tlsWithHttp2;

    /** @throws InvalidConfiguration when the rule's certificates cannot be read */
    OriginDialer(Service service, OriginSettings settings, OriginProxies proxies) {
        this.service = service;
        this.settings = settings;
        this.proxy = service instanceof Service.Http http ? proxies.of(http).orElse(null) : null;
        boolean secure = switch (service) {
            case Service.Http http -> http.tls();
            case Service.Unix unix -> unix.tls();
            case Service.Tcp _, Service.Status _, Service.HelloWorld _, Service.Bastion _, Service.Socks _ -> false;
        };
        this.tls = secure ? OriginTls.context(settings, false) : null;
        this.tlsWithHttp2 = secure && settings.http2Origin() ? OriginTls.context(settings, true) : null;
    }

    boolean isSecure() {
        return tls != null;
    }

    /** Whether the rule lets the origin choose HTTP/2. */
    boolean mayChooseHttp2() {
        return tlsWithHttp2 != null;
    }

    /** Whether the origin chose HTTP/2 for this connection. */
    static boolean isHttp2(Channel connection) {
        return connection.pipeline().get(Http2FrameCodec.class) != null;
    }

    /**
     * Opens a connection. With HTTP/1.1 it does not read by itself.
     *
     * @param serverName the name that the certificate must have; not used without TLS
     * @param withHttp2 whether HTTP/2 is offered, where the rule lets the origin choose it
     */
    Future<Channel> dial(EventLoop loop, String serverName, boolean withHttp2) {
        Promise<Channel> ready = loop.newPromise();
        connect(loop).addListener((Future<Channel> connected) -> {
            if (connected.isSuccess()) {
                secure(connected.getNow(), serverName, withHttp2 ? tlsWithHttp2 : tls, ready);
            } else {
                ready.setFailure(connected.cause());
            }
        });
        return ready;
    }

    private Future<Channel> connect(EventLoop loop) {
        Dialer.Manner manner = Dialer.Manner.of(settings);
        return switch (service) {
            case Service.Http http ->
                proxy == null ? Dialer.connect(loop, http.host(), http.port(), manner) : proxy.dial(loop, http, manner);
            case Service.Unix unix -> Dialer.connect(loop, unix.path(), manner);
            case Service.Tcp _, Service.Status _, Service.HelloWorld _, Service.Bastion _, Service.Socks _ ->
                loop.newFailedFuture(new IllegalStateException("not an HTTP service"));
        };
    }

    private void secure(Channel channel, String serverName, @Nullable SslContext context, Promise<Channel> ready) {
        if (context == null) {
            http1(channel);
            ready.setSuccess(channel);
            return;
        }
        SslHandler handler = context.newHandler(channel.alloc(), serverName, -1);
        handler.setHandshakeTimeoutMillis(settings.tlsTimeout().toMillis());
        channel.pipeline().addLast(handler, new HandshakeErrors());
        handler.handshakeFuture().addListener(shaken -> {
            if (!shaken.isSuccess()) {
                channel.close();
                ready.setFailure(shaken.cause());
                return;
            }
            channel.pipeline().remove(HandshakeErrors.class);
            if (ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
                http2(channel);
            } else {
                http1(channel);
            }
            ready.setSuccess(channel);
        });
        channel.read();
    }

    private static void http1(Channel channel) {
        channel.pipeline()
                .addLast(new HttpClientCodec(
                        new HttpDecoderConfig()
                                .setMaxInitialLineLength(LONGEST_LINE)
                                .setMaxHeaderSize(LARGEST_HEAD)
                                .setMaxChunkSize(LARGEST_PIECE),
                        false,
                        false));
    }

    private static void http2(Channel channel) {
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forClient()
                                // Requests beyond the origin's limit of concurrent streams wait.
                                .encoderEnforceMaxConcurrentStreams(true)
                                .initialSettings(Http2Settings.defaultSettings()
                                        .initialWindowSize(STREAM_WINDOW)
                                        .maxHeaderListSize(LARGEST_HEAD))
                                .build(),
                        new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel pushed) {
                                pushed.close();
                            }
                        }));
        channel.config().setAutoRead(true);
    }

    /** The head with an absolute-form target if a forwarding proxy is used (RFC 9112 §3.2.2). */
    HttpRequest addressed(HttpRequest head) {
        if (service instanceof Service.Http http && proxy != null && proxy.isForwarding(http)) {
            head.setUri(http.origin() + head.uri());
            proxy.authorization().ifPresent(secret -> head.headers().set(HttpHeaderNames.PROXY_AUTHORIZATION, secret));
        }
        return head;
    }

    /** The service, for log messages. */
    @Override
    public String toString() {
        return service.toString();
    }
}
