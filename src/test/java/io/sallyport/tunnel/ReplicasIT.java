package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.ReplicaPair;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.testkit.TestServer;
import io.sallyport.token.KeyWrapper;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who gets in between replicas (boundary B7 of the threat model), and what happens when one of them is gone. */
class ReplicasIT {
    private static final String HOST = "exchange.localhost";
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private static ReplicaPair pair;
    private static ReplicaPair.Tunnel tunnel;
    private static JdbcClient database;

    private final List<TestConnector> connectors = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path files) {
        pair = ReplicaPair.start(files);
        tunnel = pair.tunnel(HOST);
        database = pair.postgres().jdbc();
    }

    @AfterAll
    static void stop() {
        pair.close();
    }

    @AfterEach
    void disconnect() {
        connectors.forEach(TestConnector::close);
        await().until(() -> status("/") == 530);
    }

    private TestConnector connect(TestServer to) {
        return connect(to, tunnel);
    }

    private TestConnector connect(TestServer to, ReplicaPair.Tunnel whose) {
        TestConnector connector = TestConnectorHttp2.dial(
                to.context().getBean(TunnelServer.class).port(),
                new TestConnector.Claim(
                        pair.near().admin().account(), whose.id().value(), whose.secret(), UUID.randomUUID(), 0));
        connectors.add(connector);
        return connector.registered();
    }

    private static int status(String path) {
        return get(pair.near(), path).status();
    }

    private static RawHttp.Response get(TestServer server, String path) {
        return RawHttp.exchange(
                server.port(), "GET " + path + " HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n\r\n");
    }

    private static ReplicaExchange exchange(TestServer server) {
        return server.context().getBean(ReplicaExchange.class);
    }

    private static SSLContext showing(KeyManager... keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, new TrustManager[] {new TrustsAnybody()}, new SecureRandom());
        return context;
    }

    private static KeyManager[] keys(SharedAuthority.Identity identity) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("me", identity.key(), new char[0], identity.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(store, new char[0]);
        return managers.getKeyManagers();
    }

    private static final class TrustsAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Whether somebody with that TLS gets a single octet of HTTP/2 out of a replica. */
    private static boolean isLetIn(SSLContext tls) throws IOException {
        try (SSLSocket socket = (SSLSocket) tls.getSocketFactory()
                .createSocket(
                        InetAddress.getLoopbackAddress(), exchange(pair.far()).port())) {
            socket.setSoTimeout(30_000);
            socket.startHandshake();
            socket.getOutputStream().write(PREFACE);
            socket.getOutputStream().write(EMPTY_SETTINGS);
            InputStream in = socket.getInputStream();
            return in.read() >= 0;
        } catch (SSLException | SocketException refused) {
            return false;
        }
    }

    @Test
    void b7OnlyReplicasOfThisDeploymentGetPastTheHandshake() throws Exception {
        InstantSource clock = InstantSource.system();
        KeyWrapper wrapper = pair.far().context().getBean(KeyWrapper.class);
        SharedAuthority replicas =
                SharedAuthority.readOrCreate(SharedAuthority.Purpose.REPLICAS, database, wrapper, clock);
        SharedAuthority tunnels =
                SharedAuthority.readOrCreate(SharedAuthority.Purpose.TUNNEL, database, wrapper, clock);
        List<String> name = List.of(ReplicaTls.name(UUID.randomUUID()));
        Duration day = Duration.ofDays(1);
        KeyPurposeId[] both = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};

        assertThat(isLetIn(showing(keys(replicas.issue(name, clock.instant(), day, both)))))
                .as("a replica")
                .isTrue();
        assertThat(isLetIn(showing())).as("no certificate").isFalse();
        assertThat(isLetIn(showing(keys(tunnels.issue(name, clock.instant(), day, both)))))
                .as("by the authority that connectors trust")
                .isFalse();
        TestAuthority.Issued foreign = new TestAuthority("Sallyport Replica CA").issue("replica.sallyport.internal");
        assertThat(isLetIn(showing(keys(
                        new SharedAuthority.Identity(foreign.keys().getPrivate(), List.of(foreign.certificate()))))))
                .as("by an authority of the same name")
                .isFalse();
        assertThat(isLetIn(showing(keys(replicas.issue(name, clock.instant(), day, KeyPurposeId.id_kp_serverAuth)))))
                .as("a certificate that is not for dialling")
                .isFalse();
        assertThat(isLetIn(showing(keys(replicas.issue(name, clock.instant().minus(Duration.ofDays(60)), day, both)))))
                .as("one that has ended")
                .isFalse();
    }

    @Test
    void b7WhatIsNoTlsGetsNothing() throws IOException {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), exchange(pair.far()).port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(PREFACE);
            socket.getOutputStream().write(EMPTY_SETTINGS);
            byte[] answer = socket.getInputStream().readNBytes(100);
            assertThat(answer.length).as("at most a TLS alert").isLessThanOrEqualTo(7);
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    @Test
    void b7AnAddressThatAnotherReplicaTookOverIsNotTalkedTo() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            ReplicaLink.Dialler dialler = dialler(loops);
            InetSocketAddress address = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), exchange(pair.far()).port());
            UUID far = pair.far().context().getBean(TunnelLedger.class).replica();
            ReplicaLink right = new ReplicaLink(dialler, far, address, ended -> {});
            await("the replica that was meant").until(right::isReady);
            ReplicaLink wrong = new ReplicaLink(dialler, UUID.randomUUID(), address, ended -> {});
            Future<?> opening = wrong.open(TunnelAddress.of(tunnel.id()), new ChannelInboundHandlerAdapter());
            assertThatThrownBy(() -> opening.syncUninterruptibly()).isInstanceOf(TunnelFailure.class);
            assertThat(wrong.isUsable()).isFalse();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static ReplicaLink.Dialler dialler(EventLoopGroup loops) {
        return dialler(loops, TunnelProtocol.HTTP2.mostRequests());
    }

    private static ReplicaLink.Dialler dialler(EventLoopGroup loops, long mostRequests) {
        SharedAuthority authority = SharedAuthority.readOrCreate(
                SharedAuthority.Purpose.REPLICAS,
                database,
                pair.far().context().getBean(KeyWrapper.class),
                InstantSource.system());
        return new ReplicaLink.Dialler(
                loops,
                NioSocketChannel.class,
                new ReplicaTls(authority, UUID.randomUUID(), InstantSource.system()),
                mostRequests);
    }

    @Test
    void r30AnAttemptThatWasLostWithItsConnectionDoesNotCountAgainstThoseThatAreLeft() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Replicas replicas = new Replicas();
            holds(replicas, dialler(loops), 2);
            TunnelAddress to = TunnelAddress.of(tunnel.id());
            List<TunnelPath> tried = new ArrayList<>();
            tried.add(replicas.leastBusy(to, tried).orElseThrow());
            holds(replicas, dialler(loops), 1);
            tried.add(replicas.leastBusy(to, tried).orElseThrow());
            assertThat(replicas.leastBusy(to, tried)).isEmpty();
            holds(replicas, dialler(loops), 0);
            assertThat(replicas.leastBusy(to, List.of())).isEmpty();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** Stream ids are never used again, so a link cannot last for ever. */
    @Test
    void r30ALinkThatHasCarriedItsShareOfRequestsIsReplacedAndNoRequestFails() {
        connect(pair.far()).answering(request -> request.answer(200, "ok"));
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Replicas replicas = new Replicas();
            ReplicaLink.Dialler dialler = dialler(loops, 16);
            Set<Channel> links = new LinkedHashSet<>();
            for (int i = 0; i < 300; i++) {
                holds(replicas, dialler, 1); // in service every three seconds
                links.add(ask(replicas).parent());
            }
            assertThat(links).hasSizeGreaterThan(2);
            Channel first = links.iterator().next();
            await("a link that nothing runs on to be closed").until(() -> !first.isActive());
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** Sends a request through another replica and waits for its answer. */
    private static Channel ask(Replicas replicas) {
        CompletableFuture<HttpResponse> answered = new CompletableFuture<>();
        Channel stream = (Channel) replicas.leastBusy(TunnelAddress.of(tunnel.id()), List.of())
                .orElseThrow()
                .open(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        if (message instanceof HttpResponse response) {
                            answered.complete(response);
                        }
                        ReferenceCountUtil.release(message);
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        answered.completeExceptionally(cause);
                    }
                })
                .syncUninterruptibly()
                .getNow();
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        request.headers().set(HttpHeaderNames.HOST, HOST);
        stream.writeAndFlush(request);
        stream.read();
        assertThat(answered)
                .succeedsWithin(30, TimeUnit.SECONDS)
                .extracting(HttpResponse::status)
                .isEqualTo(HttpResponseStatus.OK);
        stream.close().syncUninterruptibly();
        return stream;
    }

    /** The directory says that the far replica has so many connections of one connector. */
    private static void holds(Replicas replicas, ReplicaLink.Dialler dialler, int connections) {
        UUID far = pair.far().context().getBean(TunnelLedger.class).replica();
        Map<UUID, Integer> connectors = connections == 0 ? Map.of() : Map.of(new UUID(0, 1), connections);
        replicas.update(
                List.of(new TunnelLedger.Elsewhere(
                        far, "127.0.0.1", exchange(pair.far()).port(), Map.of(tunnel.id(), connectors))),
                dialler);
    }

    @Test
    void aRequestGoesOneHopAtMostWhateverTheDirectorySays() {
        UUID near = pair.near().context().getBean(TunnelLedger.class).replica();
        UUID far = pair.far().context().getBean(TunnelLedger.class).replica();
        try {
            await("both to believe that the other holds a connection").until(() -> {
                note(near, 0); // again and again: a heartbeat strikes out what its replica does not hold
                note(far, 1);
                return knows(pair.near(), tunnel.id()) && knows(pair.far(), tunnel.id());
            });
            long sentByFar = pair.far().context().getBean(Replicas.class).sent();
            long sentByNear = pair.near().context().getBean(Replicas.class).sent();
            RawHttp.Response response = get(pair.near(), "/");
            assertThat(response.status()).isEqualTo(530);
            assertThat(pair.near().context().getBean(Replicas.class).sent()).isGreaterThan(sentByNear);
            assertThat(pair.far().context().getBean(Replicas.class).sent()).isEqualTo(sentByFar);
        } finally {
            database.sql("delete from tunnel_connections where tunnel_id = ?")
                    .param(tunnel.id().value())
                    .update();
        }
    }

    private static boolean knows(TestServer server, TunnelId id) {
        return server.context().getBean(TunnelPaths.class).next(id, List.of()).isPresent();
    }

    /** Says in the directory that a replica holds a connection. */
    private static void note(UUID replica, int index) {
        UUID client = UUID.randomUUID();
        database.sql("insert into edge_replicas (id, last_seen_at, address, port)"
                        + " values (?, clock_timestamp(), '127.0.0.1', 1) on conflict (id) do nothing")
                .param(replica)
                .update();
        database.sql("""
                        insert into tunnel_connectors
                            (tunnel_id, client_id, version, arch, features, expected, run_at, seen_at)
                        values (?, ?, 'x', 'x', '{}', 1, now(), now())""").params(tunnel.id().value(), client).update();
        database.sql("""
                        insert into tunnel_connections
                            (id, tunnel_id, client_id, conn_index, replica_id, protocol, origin_ip, opened_at)
                        values (?, ?, ?, ?, ?, 'http2', '192.0.2.1', now())""")
                .params(UUID.randomUUID(), tunnel.id().value(), client, index, replica)
                .update();
    }

    @Test
    void aReplicaThatIsNotThereIsSkippedAtOnceAndForgottenWhenItsHeartbeatStops() {
        connect(pair.far()).answering(request -> request.answer(200, "far"));
        await().until(() -> status("/") == 200);
        UUID dead = UUID.randomUUID();
        note(dead, 1);
        try (ClosedPort closed = ClosedPort.take()) {
            database.sql("update edge_replicas set port = ? where id = ?")
                    .params(closed.number(), dead)
                    .update();
            assertThatItIsSkipped(dead);
        }
    }

    private static void assertThatItIsSkipped(UUID dead) {
        TunnelLedger ledger = pair.near().context().getBean(TunnelLedger.class);
        assertThat(ledger.elsewhere())
                .extracting(TunnelLedger.Elsewhere::replica)
                .contains(dead);
        for (int i = 0; i < 40; i++) {
            assertThat(get(pair.near(), "/").text()).isEqualTo("far");
        }
        database.sql("update edge_replicas set last_seen_at = clock_timestamp() - interval '31 seconds' where id = ?")
                .param(dead)
                .update();
        assertThat(ledger.elsewhere())
                .extracting(TunnelLedger.Elsewhere::replica)
                .doesNotContain(dead);
    }

    @Test
    void r16ALostNoticeDelaysByThreeSecondsAndNoMore() {
        database.sql("alter table tunnel_connections disable trigger announce").update();
        try {
            connect(pair.far()).answering(request -> request.answer(200, "ok"));
            await().atMost(Duration.ofSeconds(10)).until(() -> status("/") == 200);
        } finally {
            database.sql("alter table tunnel_connections enable trigger announce")
                    .update();
        }
    }

    @Test
    void itsOwnConnectionsComeFirst() {
        connect(pair.far()).answering(request -> request.answer(200, "far"));
        await().until(() -> get(pair.near(), "/").text().equals("far"));
        connect(pair.near()).answering(request -> request.answer(200, "near"));
        await().until(() -> get(pair.near(), "/").text().equals("near"));
        for (int i = 0; i < 20; i++) {
            assertThat(get(pair.near(), "/").text()).isEqualTo("near");
            assertThat(get(pair.far(), "/").text()).isEqualTo("far");
        }
    }

    @Test
    void r01AKilledReplicaTakesWithItOnlyWhatWasInFlight() throws Exception {
        BlockingQueue<TestConnector.Request> streams = new LinkedBlockingQueue<>();
        try (TestServer doomed = pair.server("doomed", Map.of())) {
            TestConnector held = connect(doomed).answering(request -> {
                request.head(200, List.of(new Field("Content-Type", "text/event-stream")));
                request.write("data: 1\n\n".getBytes(StandardCharsets.US_ASCII));
                streams.add(request);
            });
            await().until(() -> knows(pair.near(), tunnel.id()));
            try (RawHttp http = RawHttp.connect(pair.near().port())) {
                http.send("GET /events HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
                assertThat(http.head().status()).isEqualTo(200);
                assertThat(streams.poll(30, TimeUnit.SECONDS)).isNotNull();
                connect(pair.far()).answering(request -> request.answer(200, "far"));
                await().until(() -> chances() == 2);

                // As a killed process leaves things: sockets closed by the kernel, no word to anybody, the ledger as it
                // was.
                exchange(doomed).stop();

                String rest = new String(http.readToEnd(), StandardCharsets.ISO_8859_1);
                assertThat(rest).as("broken off, not ended").doesNotEndWith("0\r\n\r\n");
            }
            for (int i = 0; i < 20; i++) {
                assertThat(get(pair.near(), "/").text()).isEqualTo("far");
            }
            held.close();
        }
    }

    @Test
    void aRequestWithABodyGoesElsewhereWhenTheDirectoryIsStale() {
        try (TestServer holder = pair.server("holder", Map.of())) {
            TestConnector held = connect(holder)
                    .answering(request -> request.received.thenRun(
                            () -> request.answer(200, request.body.toString(StandardCharsets.US_ASCII))));
            note(pair.far().context().getBean(TunnelLedger.class).replica(), 1);
            await().until(() -> chances() == 2);
            for (int i = 0; i < 12; i++) {
                String body = "attempt " + i;
                RawHttp.Response response = RawHttp.exchange(
                        pair.near().port(),
                        "POST / HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\nContent-Length: " + body.length()
                                + "\r\n\r\n" + body);
                assertThat(response.text()).isEqualTo(body);
            }
            assertThat(held.requests()).as("each once").isEqualTo(12);
            held.close();
        } finally {
            database.sql("delete from tunnel_connections where tunnel_id = ?")
                    .param(tunnel.id().value())
                    .update();
        }
    }

    private static int chances() {
        TunnelPaths paths = pair.near().context().getBean(TunnelPaths.class);
        List<TunnelPath> tried = new ArrayList<>();
        for (var next = paths.next(tunnel.id(), tried); next.isPresent(); next = paths.next(tunnel.id(), tried)) {
            tried.add(next.get());
        }
        return tried.size();
    }
}
