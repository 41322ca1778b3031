package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.testkit.OwnConnector;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.MasterKey;
import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The certificate of the tunnel listeners changes while connectors are served, over both transports. */
@Execution(ExecutionMode.CONCURRENT)
class CertificateRenewalIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path files;

    @Test
    void r23ARenewedFileServesWhoDialsNextAndWhoIsConnectedStays() throws Exception {
        try (TunnelWorld world = new TunnelWorld(files)) {
            Claim claim = world.tunnel();
            TestConnector tcp = world.dial(TunnelProtocol.HTTP2, claim).registered();
            Connector udp = connect(world, claim, files.resolve("ca.pem"));
            X509Certificate first = overTcp(world);
            assertThat(overUdp(world)).isEqualTo(first);

            TestAuthority.Issued next = new TestAuthority("next").issue("h2.cftunnel.com", "quic.cftunnel.com");
            Files.writeString(files.resolve("edge.crt"), next.certificatePem());
            await("half a renewal changes nothing")
                    .during(Duration.ofSeconds(3))
                    .atMost(SOON)
                    .until(() -> overTcp(world).equals(first));
            Files.writeString(files.resolve("edge.key"), next.keyPem());
            await().atMost(SOON).until(() -> overTcp(world).equals(next.certificate()));
            assertThat(overUdp(world)).isEqualTo(next.certificate());

            Files.writeString(files.resolve("edge.key"), "nonsense");
            await("what cannot be read changes nothing")
                    .during(Duration.ofSeconds(3))
                    .atMost(SOON)
                    .until(() -> overUdp(world).equals(next.certificate()));
            assertThat(tcp.closed()).isNotDone();
            assertThat(world.reasons).as("connections that ended").isEmpty();
            assertThat(world.connections(claim)).isEqualTo(2);
            world.dial(TunnelProtocol.HTTP2, world.tunnel()).registered();
            world.dial(TunnelProtocol.QUIC, world.tunnel()).registered();
            udp.stop(Duration.ZERO).join();
        }
    }

    @Test
    void ourOwnCertificateIsMadeAnewWhenAThirdOfItsLifeIsLeft() throws Exception {
        Instant start = InstantSource.system().instant().minus(Duration.ofDays(300));
        AtomicReference<Instant> now = new AtomicReference<>(start);
        TunnelSettings settings = new TunnelSettings(
                files, new TunnelSettings.Tunnel(true, 0, null, null, null, "TEST", "management.localhost"));
        try (TestPostgres postgres = TestPostgres.migrated()) {
            TunnelAuthority authority = TunnelAuthority.readOrCreate(
                    JdbcClient.create(postgres.dataSource()),
                    new EnvelopeKeyWrapper(MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]))),
                    now::get);
            try (TunnelWorld world = new TunnelWorld(files, settings, () -> authority, now::get)) {
                Connector connected = connect(world, world.tunnel(), files.resolve("tunnel-ca.pem"));
                X509Certificate first = overTcp(world);
                now.set(start.plus(Duration.ofDays(260)));
                await().during(Duration.ofSeconds(3))
                        .atMost(SOON)
                        .until(() -> overTcp(world).equals(first));
                now.set(start.plus(Duration.ofDays(270)));
                await().atMost(SOON).until(() -> !overTcp(world).equals(first));
                X509Certificate second = overUdp(world);
                assertThat(second.getNotAfter()).isAfter(first.getNotAfter());
                assertThat(second.getIssuerX500Principal()).isEqualTo(first.getIssuerX500Principal());
                assertThat(Files.readString(files.resolve("tunnel-ca.pem"))).isEqualTo(authority.certificatePem());
                assertThat(world.reasons).as("connections that ended").isEmpty();
                connected.stop(Duration.ZERO).join();
            }
        }
    }

    @Test
    void filesThatDoNotBelongTogetherStopTheStart() throws Exception {
        TestAuthority authority = new TestAuthority("tunnel");
        authority.issue("h2.cftunnel.com").write(files.resolve("a.crt"), files.resolve("a.key"));
        authority.issue("h2.cftunnel.com").write(files.resolve("b.crt"), files.resolve("b.key"));
        TunnelSettings settings = new TunnelSettings(
                files,
                new TunnelSettings.Tunnel(
                        true, 0, null, files.resolve("a.crt"), files.resolve("b.key"), "TEST", "management.localhost"));
        TunnelTls tls = new TunnelTls(
                settings,
                () -> {
                    throw new AssertionError("a certificate is configured");
                },
                InstantSource.system());
        assertThatThrownBy(tls::start)
                .isInstanceOf(CertificateSource.UnusableException.class)
                .hasMessageContaining("does not belong to the certificate");
    }

    /** The product's own connector over QUIC, which gives signs of life. */
    private static Connector connect(TunnelWorld world, Claim claim, Path authority) {
        return OwnConnector.start(
                new TunnelCredentials(claim.account(), claim.tunnel(), new TunnelSecret(claim.secret())),
                world.server.port(),
                authority,
                Protocol.QUIC,
                1,
                "ingress: [{service: 'http_status:404'}]");
    }

    private static X509Certificate overTcp(TunnelWorld world) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Witness()}, new SecureRandom());
        try (SSLSocket socket = (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), world.server.port())) {
            socket.setSoTimeout(30_000);
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static X509Certificate overUdp(TunnelWorld world) {
        Witness witness = new Witness();
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(witness)
                .applicationProtocols(QuicEdge.ALPN)
                .build();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Channel socket = new Bootstrap()
                    .group(loops)
                    .channel(NioDatagramChannel.class)
                    .handler(new QuicClientCodecBuilder()
                            .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), "quic.cftunnel.com", 7844))
                            .initialMaxData(1 << 20)
                            .build())
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .syncUninterruptibly()
                    .channel();
            QuicChannel.newBootstrap(socket)
                    .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.port()))
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect()
                    .syncUninterruptibly()
                    .getNow()
                    .close()
                    .syncUninterruptibly();
            return witness.seen;
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /** Trusts anybody and remembers whom. */
    private static final class Witness extends X509ExtendedTrustManager {
        private volatile X509Certificate seen;

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            seen = chain[0];
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            seen = chain[0];
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            seen = chain[0];
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
