package io.sallyport.tunnel;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.sallyport.http.HostName;
import io.sallyport.http.HostTable;
import io.sallyport.identity.TunnelId;
import io.sallyport.mtls.Demands;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Revocations;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.snapshot.Settings;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.TunnelGrant;
import io.sallyport.snapshot.TunnelSecret;
import io.sallyport.snapshot.WorkloadIssuers;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.testkit.TestConnectorQuic;
import io.sallyport.token.KeyRing;
import io.sallyport.token.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The tunnel server on real sockets over a hand-built world. */
final class TunnelWorld implements AutoCloseable {
    static final String ACCOUNT = "0".repeat(32);
    private static final KeyRing KEYS = KeyRing.of(List.of(key()));

    /** What signs; to be published. */
    KeyRing keys = KEYS;
    /** What was revoked; to be published. */
    Revocations revocations = new Revocations(0, Map.of(), Map.of(), Map.of(), Map.of(), Set.of());
    /** Who signs; to be published. */
    String issuer = "http://auth.localhost";
    /** Whom connectors trust. */
    final Path authority;

    final SnapshotHolder snapshots = new SnapshotHolder();
    final TunnelDirectory directory = new TunnelDirectory();
    final MeterRegistry meters = new SimpleMeterRegistry();
    final TunnelServer server;
    final Map<UUID, String> reasons = new ConcurrentHashMap<>();
    final Map<UUID, Integer> applied = new ConcurrentHashMap<>();
    final Map<UUID, String> local = new ConcurrentHashMap<>();
    /** Tunnels that had a connection at some time. */
    final Set<TunnelId> served = ConcurrentHashMap.newKeySet();
    /** How often somebody without a right wanted in. */
    final AtomicInteger refused = new AtomicInteger();

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            2, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    private final Map<TunnelId, TunnelGrant> tunnels = new LinkedHashMap<>();
    private final List<TestConnector> connectors = new CopyOnWriteArrayList<>();
    private long version;

    TunnelWorld(Path files) {
        this(files, TunnelRoom.ample());
    }

    /** @param room what connectors may use */
    TunnelWorld(Path files, TunnelRoom room) {
        this(
                files,
                withCertificate(files),
                () -> {
                    throw new AssertionError("a certificate is configured");
                },
                InstantSource.system(),
                room);
    }

    /** @param clock by which certificates are made and renewed */
    TunnelWorld(Path files, TunnelSettings settings, Supplier<TunnelAuthority> own, InstantSource clock) {
        this(files, settings, own, clock, TunnelRoom.ample());
    }

    private TunnelWorld(
            Path files, TunnelSettings settings, Supplier<TunnelAuthority> own, InstantSource clock, TunnelRoom room) {
        authority = files.resolve("ca.pem");
        TunnelMetrics metrics = new TunnelMetrics(
                meters,
                directory,
                tunnel -> snapshots.current() == null
                        || snapshots.current().tunnels().containsKey(tunnel));
        Registrar registrar = new Registrar(
                snapshots,
                directory,
                metrics,
                new WithdrawalFeed(meters, InstantSource.system()),
                List.of(metrics, new Words()),
                InstantSource.system(),
                settings.tunnel().location());
        TunnelTls tls = new TunnelTls(settings, own, clock);
        server = new TunnelServer(
                settings.tunnel(),
                new TunnelListeners(InetAddress.getLoopbackAddress(), tls, registrar, room),
                tls,
                directory,
                () -> loops,
                () -> {});
        server.start();
    }

    private static TunnelSettings withCertificate(Path files) {
        TestAuthority signer = new TestAuthority("tunnel");
        Path certificate = files.resolve("edge.crt");
        Path key = files.resolve("edge.key");
        signer.issue("h2.cftunnel.com", "quic.cftunnel.com").write(certificate, key);
        write(files.resolve("ca.pem"), signer.pem());
        return new TunnelSettings(
                files, new TunnelSettings.Tunnel(true, 0, null, certificate, key, "TEST", "management.localhost"));
    }

    /** A signing key, good for ever. */
    static KeyRing.Entry key() {
        return new KeyRing.Entry(
                SigningKey.generate(Instant.parse("2026-01-01T00:00:00Z")), Instant.EPOCH, Instant.EPOCH, null);
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Notes what is said about connections. */
    private final class Words implements ConnectionListener {
        @Override
        public void registered(TunnelConnection connection) {
            served.add(connection.tunnel());
        }

        @Override
        public void gone(TunnelConnection connection, String reason) {
            reasons.put(connection.id(), reason);
        }

        @Override
        public void refused() {
            refused.incrementAndGet();
        }

        @Override
        public void configured(TunnelConnection connection, int version) {
            applied.put(connection.id(), version);
        }

        @Override
        public void localConfiguration(TunnelConnection connection, String json) {
            local.put(connection.id(), json);
        }
    }

    /** A tunnel and the claim that opens it. */
    TestConnector.Claim tunnel() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        UUID id = UUID.randomUUID();
        grant(id, secret, false, 0, null);
        return new TestConnector.Claim(ACCOUNT, id, secret, UUID.randomUUID(), 0);
    }

    synchronized void grant(UUID id, byte[] secret, boolean remote, int configVersion, String json) {
        TunnelId tunnel = new TunnelId(id);
        tunnels.put(tunnel, new TunnelGrant(tunnel, "test", new TunnelSecret(secret), remote, configVersion, json));
        publish();
    }

    /** How many figures there are of a tunnel. */
    long measured(TestConnector.Claim claim) {
        return meters.getMeters().stream()
                .filter(each -> claim.tunnel().toString().equals(each.getId().getTag("tunnel")))
                .count();
    }

    synchronized void delete(UUID id) {
        tunnels.remove(new TunnelId(id));
        publish();
    }

    synchronized void publish() {
        snapshots.swap(new Snapshot(
                ++version,
                InstantSource.system().instant(),
                new Settings(
                        ACCOUNT,
                        "Example",
                        HostName.parse("auth.localhost").orElseThrow(),
                        issuer,
                        null,
                        false,
                        true,
                        true,
                        new Settings.LoginDesign(null, null, null, null, null)),
                HostTable.of(List.of()),
                Map.of(),
                Map.of(),
                HostTable.of(List.of()),
                Map.of(),
                keys,
                tunnels,
                new ServiceTokens(Map.of()),
                new AppPasses(Map.of()),
                new WorkloadIssuers(Map.of()),
                Demands.NONE,
                revocations));
    }

    TestConnector dial(TunnelProtocol protocol, TestConnector.Claim claim) {
        return keep(
                switch (protocol) {
                    case HTTP2 -> TestConnectorHttp2.dial(server.port(), claim);
                    case QUIC -> TestConnectorQuic.dial(server.port(), claim);
                });
    }

    TestConnector silent(TunnelProtocol protocol, TestConnector.Claim claim) {
        return keep(
                switch (protocol) {
                    case HTTP2 -> TestConnectorHttp2.silent(server.port(), claim);
                    case QUIC -> TestConnectorQuic.silent(server.port(), claim);
                });
    }

    private TestConnector keep(TestConnector connector) {
        connectors.add(connector);
        return connector;
    }

    TunnelConnection only(TestConnector.Claim claim) {
        return directory.of(new TunnelId(claim.tunnel())).getFirst();
    }

    /** A stream of its only connection, as the gate opens one for a request. */
    Channel open(TestConnector.Claim claim, ChannelHandler consumer) {
        return (Channel) only(claim).open(consumer).syncUninterruptibly().getNow();
    }

    /** A request without a body, as the gate sends it. */
    static DefaultFullHttpRequest get(String path) {
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        request.headers().set(HttpHeaderNames.HOST, "wiki.localhost");
        return request;
    }

    /** The head of a request whose body follows. What says how long that is has to be added. */
    static DefaultHttpRequest post() {
        DefaultHttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
        request.headers().set(HttpHeaderNames.HOST, "wiki.localhost");
        return request;
    }

    int connections(TestConnector.Claim claim) {
        return directory.of(new TunnelId(claim.tunnel())).size();
    }

    void disconnect() {
        connectors.forEach(TestConnector::close);
        connectors.clear();
    }

    @Override
    public void close() {
        disconnect();
        server.stop();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
