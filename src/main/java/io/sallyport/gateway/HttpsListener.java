package io.sallyport.gateway;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.sallyport.gateway.wire.EdgeServer;
import io.sallyport.http.HostName;
import io.sallyport.mtls.Demand;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.SslProvider;

/**
 * The TLS listener: TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2, the same handler as the plain one. Off until a certificate is set. Only
 * handshakes for hosts with client certificate authorities ask for a client certificate.
 */
final class HttpsListener implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(HttpsListener.class);
    /** How often the certificate's files are checked for changes. */
    private static final Duration RENEWAL = Duration.ofSeconds(2);

    private static final Duration DRAIN = Duration.ofSeconds(30);

    private final EdgeSettings settings;
    private final EdgeServer edge;
    private final SnapshotHolder snapshots;
    private final HttpHandler handler;
    private final @Nullable InetAddress address;
    private final InstantSource clock;
    private volatile @Nullable ListenerCertificate shown;
    private @Nullable DisposableServer server;
    private @Nullable Rounds renewal;

    HttpsListener(
            EdgeSettings settings,
            EdgeServer edge,
            SnapshotHolder snapshots,
            HttpHandler handler,
            @Nullable InetAddress address,
            InstantSource clock) {
        this.settings = settings;
        this.edge = edge;
        this.snapshots = snapshots;
        this.handler = handler;
        this.address = address;
        this.clock = clock;
    }

    @Override
    public void start() {
        if (!settings.tls().configured()) {
            return;
        }
        ListenerCertificate certificate = certificate();
        shown = certificate;
        Duration patience = settings.limits().head();
        SslProvider open = SslProvider.builder()
                .sslContext(certificate)
                .handshakeTimeout(patience)
                .build();
        int port = settings.https().port();
        InetSocketAddress listen = address == null ? new InetSocketAddress(port) : new InetSocketAddress(address, port);
        DisposableServer bound = bound(edge.strict(HttpServer.create()
                        .bindAddress(() -> listen)
                        .protocol(HttpProtocol.HTTP11, HttpProtocol.H2)
                        .secure(spec -> spec.sslContext(certificate)
                                .handshakeTimeout(patience)
                                .setSniAsyncMappings((name, chosen) -> choose(name, certificate, open, chosen))))
                .handle(new ReactorHttpHandlerAdapter(handler)));
        server = bound;
        LOG.info("https listens on port {}", bound.port());
    }

    private DisposableServer bound(HttpServer ready) {
        try {
            return ready.bindNow();
        } catch (ChannelBindException taken) {
            throw ListenerFailure.portTaken(settings.https().port(), taken);
        }
    }

    /** The port it listens on, -1 when it does not. */
    int port() {
        DisposableServer bound = server;
        return bound == null ? -1 : bound.port();
    }

    /** Seconds until the certificate expires; negative when it has expired, NaN before the start. */
    double secondsLeft() {
        ListenerCertificate certificate = shown;
        return certificate == null
                ? Double.NaN
                : Duration.between(clock.instant(), certificate.current().end()).toSeconds();
    }

    /** Runs on an event loop: one look-up, and for hosts that ask for a certificate a fresh context. */
    private Future<SslProvider> choose(
            @Nullable String serverName,
            ListenerCertificate certificate,
            SslProvider open,
            Promise<SslProvider> chosen) {
        Demand demand = demand(serverName);
        return chosen.setSuccess(
                demand == null
                        ? open
                        : SslProvider.builder()
                                .sslContext(certificate.current().asking(demand))
                                .handshakeTimeout(settings.limits().head())
                                .build());
    }

    private @Nullable Demand demand(@Nullable String serverName) {
        Snapshot snapshot = snapshots.current();
        return snapshot == null || serverName == null
                ? null
                : HostName.parse(serverName).map(snapshot.demands()::of).orElse(null);
    }

    private ListenerCertificate certificate() {
        EdgeSettings.Tls configured = settings.tls();
        Path certificate = configured.certificate();
        Path key = configured.key();
        try {
            if (certificate == null || key == null) {
                return new ListenerCertificate(
                        SelfSigned.forHosts(List.of(settings.authDomain(), settings.consoleDomain()), clock.instant()));
            }
            ListenerCertificate files = new ListenerCertificate(certificate, key);
            Instant end = files.current().end();
            if (end.isBefore(clock.instant())) {
                LOG.error(
                        "The certificate {} ended at {}: browsers will refuse it until it is replaced",
                        certificate,
                        end);
            }
            renewal = new Rounds("tls-renewal", RENEWAL, files::renew);
            renewal.start();
            return files;
        } catch (Exception e) { // readers of PEM files and keys throw many types; the operator gets one line
            throw ListenerFailure.certificate(e);
        }
    }

    @Override
    public void stop() {
        if (renewal != null) {
            renewal.stop();
            renewal = null;
        }
        DisposableServer bound = server;
        if (bound != null) {
            bound.disposeNow(DRAIN);
            server = null;
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }
}
