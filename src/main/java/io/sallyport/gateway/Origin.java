package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sallyport.snapshot.Upstream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.HttpResources;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.TcpClient;
import reactor.netty.transport.AddressUtils;

/** An origin that the gateway reaches directly: its route for Spring Cloud Gateway and its clients, TLS configured. */
final class Origin implements Destination {
    /** Bytes of an answer's status line and of its header block. */
    private static final int LONGEST_LINE = 16 * 1024;

    private static final int LARGEST_HEAD = 64 * 1024;

    /** The route of an application with nothing behind it. */
    static final Route NOWHERE = route("nowhere", URI.create("http://nowhere.invalid:80"));

    private final Upstream.Direct upstream;
    private final Route route;
    private final OriginConnections connections;
    private final InetSocketAddress address;
    private final @Nullable SslContext tls;
    private final HttpClient pooled;
    private final HttpClient fresh;

    /** @throws IOException when the CA file cannot be read or holds no certificate */
    Origin(Upstream.Direct upstream, ConnectionProvider pool, OriginConnections connections, Duration patience)
            throws IOException {
        URI service = upstream.service();
        this.upstream = upstream;
        this.connections = connections;
        this.route = route(service.toString(), service);
        this.address = address(service);
        this.tls = service.getScheme().equals("https") ? tls(upstream, false) : null;
        SslContext negotiating = tls != null && upstream.http2() ? tls(upstream, true) : tls;
        this.pooled = client(pool, negotiating, patience);
        this.fresh = client(ConnectionProvider.newConnection(), negotiating, patience);
    }

    @Override
    public Route route() {
        return route;
    }

    @Override
    public boolean givesTrailers() {
        return upstream.http2();
    }

    @Override
    public @Nullable String hostHeader() {
        return upstream.hostHeader();
    }

    /** Names the origin in the handshake and, unless the admin said not to, checks that the certificate is for that name. */
    private void configure(SslHandler handler) {
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(upstream.noTlsVerify() ? null : "HTTPS");
        String name = upstream.originServerName();
        if (name != null && !name.isEmpty()) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        handler.engine().setSSLParameters(parameters);
    }

    /** The client for a request's first attempt, over a connection that may have been used before. */
    HttpClient pooled() {
        return pooled;
    }

    /** The client for a second attempt, over a connection of its own: another pooled one may be as dead as the first. */
    HttpClient fresh() {
        return fresh;
    }

    /** Dials a connection for a WebSocket, outside of the pool: a channel that speaks HTTP/1.1 objects. */
    Mono<Channel> dial() {
        TcpClient client = TcpClient.newConnection()
                .runOn(HttpResources.get())
                .remoteAddress(() -> address)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        upstream.connectTimeout().toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .doOnChannelInit((observer, channel, remote) -> connections.count(channel));
        SslContext context = tls;
        return (context == null
                        ? client
                        : client.secure(spec -> spec.sslContext(context).handlerConfigurator(this::configure)))
                .connect()
                .map(Origin::speakingHttp);
    }

    private static Channel speakingHttp(Connection connection) {
        connection.addHandlerLast(
                "sallyport.codec",
                new HttpClientCodec(LONGEST_LINE, LARGEST_HEAD, HttpObjectDecoder.DEFAULT_MAX_CHUNK_SIZE));
        return connection.channel();
    }

    private HttpClient client(ConnectionProvider pool, @Nullable SslContext context, Duration patience) {
        HttpClient client = HttpClient.create(pool)
                .remoteAddress(() -> address)
                .protocol(protocols())
                .disableRetry(true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        upstream.connectTimeout().toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .httpResponseDecoder(spec -> spec.maxInitialLineLength(LONGEST_LINE)
                        .maxHeaderSize(LARGEST_HEAD)
                        .validateHeaders(true))
                .doOnChannelInit((observer, channel, address) -> {
                    connections.count(channel);
                    OriginGuard.install(channel);
                })
                .doOnRequest((request, connection) -> AnswerDeadline.asked(connection.channel()))
                .doAfterRequest((request, connection) -> AnswerDeadline.start(connection.channel(), patience))
                .doOnResponse((response, connection) -> AnswerDeadline.met(connection.channel()));
        if (upstream.http2()) {
            // The protocol is known only once a connection is established, and each HTTP/2 request is a channel of its
            // own.
            client = client.doOnRequest((request, connection) -> OriginGuard.install(connection.channel()));
        }
        return context == null
                ? client
                : client.secure(spec -> spec.sslContext(context).handlerConfigurator(this::configure));
    }

    /** Parsed once instead of for each request. A name is resolved when it is dialled. */
    private static InetSocketAddress address(URI service) {
        int standard = service.getScheme().equals("https") ? 443 : 80;
        String host = service.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return AddressUtils.createUnresolved(bare, service.getPort() < 0 ? standard : service.getPort());
    }

    private HttpProtocol[] protocols() {
        if (!upstream.http2()) {
            return new HttpProtocol[] {HttpProtocol.HTTP11};
        }
        return tls == null
                ? new HttpProtocol[] {HttpProtocol.H2C}
                : new HttpProtocol[] {HttpProtocol.H2, HttpProtocol.HTTP11};
    }

    private static SslContext tls(Upstream.Direct upstream, boolean http2) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        String pool = upstream.caPool();
        if (upstream.noTlsVerify()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else if (pool != null && !pool.isEmpty()) {
            try (InputStream pem = pool.startsWith("-----BEGIN")
                    ? new ByteArrayInputStream(pool.getBytes(StandardCharsets.US_ASCII))
                    : Files.newInputStream(Path.of(pool))) {
                builder.trustManager(pem);
            } catch (IllegalArgumentException notPem) {
                throw new IOException("no certificates in the CA pool of " + upstream.service(), notPem);
            }
        }
        if (http2) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    List.of("h2", "http/1.1")));
        }
        return builder.build();
    }

    private static Route route(String id, URI uri) {
        return Route.async()
                .id(id)
                .uri(uri)
                .predicate(exchange -> {
                    throw new IllegalStateException("found by look-up, never by predicate");
                })
                .build();
    }
}
