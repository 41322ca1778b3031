package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.EdgeStream.Event;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.wire.RequestKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** Every kind of service and every key of {@code originRequest}, on real sockets. */
class OriginKeysIT {
    @TempDir
    private static Path directory;

    /** Too long for the name service, so that none is asked. */
    private static final String UNKNOWN = ("n".repeat(62) + ".").repeat(4) + "ab";

    private static final List<AutoCloseable> OPEN = new CopyOnWriteArrayList<>();
    private static final Map<Protocol, TestEdge.Link> LINKS = new EnumMap<>(Protocol.class);
    private static final BlockingQueue<String> PROXIED = new LinkedBlockingQueue<>();
    private static RecordingOrigin plain;
    private static RecordingOrigin secure;
    private static ServerSocket silent;
    private static DisposableServer http2;

    @BeforeAll
    static void start() throws Exception {
        TestAuthority edgeAuthority = new TestAuthority("edge");
        TestAuthority inside = new TestAuthority("inside");
        Path edgeCa = Files.writeString(directory.resolve("edge.pem"), edgeAuthority.pem());
        Path pool = Files.writeString(directory.resolve("pool.pem"), inside.pem());
        TestAuthority.Issued issued = inside.issue("inner.example", "host.example");
        plain = keep(RecordingOrigin.start());
        secure = keep(RecordingOrigin.start(issued.server()));
        silent = keep(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        http2 = http2(issued);
        Path socket = unix("plain.sock", plain.uri().getPort());
        Path tlsSocket = unix("tls.sock", secure.uri().getPort());
        int proxy = proxy();
        String yaml = """
                ingress:
                  - {hostname: ca.example, service: "%2$s", originRequest: {caPool: %4$s, originServerName: inner.example}}
                  - {hostname: other-name.example, service: "%2$s", originRequest: {caPool: %4$s}}
                  - {hostname: no-ca.example, service: "%2$s", originRequest: {originServerName: inner.example}}
                  - {hostname: unverified.example, service: "%2$s", originRequest: {noTLSVerify: true}}
                  - {hostname: host.example, service: "%2$s", originRequest: {caPool: %4$s, matchSNItoHost: true}}
                  - {hostname: not-host.example, service: "%2$s", originRequest: {caPool: %4$s, matchSNItoHost: true}}
                  - {hostname: wss.example, service: "%7$s", originRequest: {noTLSVerify: true}}
                  - {hostname: h2.example, service: "%3$s", originRequest: {noTLSVerify: true, http2Origin: true}}
                  - {hostname: h1.example, service: "%3$s", originRequest: {noTLSVerify: true}}
                  - {hostname: unix.example, service: "unix:%5$s"}
                  - {hostname: unix-tls.example, service: "unix+tls:%6$s", originRequest: {noTLSVerify: true}}
                  - {hostname: slow-tls.example, service: "https://127.0.0.1:%8$d", originRequest: {tlsTimeout: 300ms}}
                  - {hostname: renamed.example, service: "%1$s", originRequest: {httpHostHeader: "inner.example:81"}}
                  - {hostname: once.example, service: "%1$s", originRequest: {keepAliveConnections: 0}}
                  - {hostname: two.example, service: "%1$s", originRequest: {keepAliveConnections: 2}}
                  - {hostname: brief.example, service: "%1$s", originRequest: {keepAliveTimeout: 200ms}}
                  - {hostname: patient.example, service: "%1$s", originRequest: {keepAliveTimeout: 1m, tcpKeepAlive: 5s}}
                  - {hostname: no-keepalive.example, service: "%1$s", originRequest: {tcpKeepAlive: 0s}}
                  - {hostname: relic.example, service: "%1$s", originRequest: {proxyAddress: 10.0.0.1, proxyPort: 9}}
                  - {hostname: measured.example, service: "%1$s", originRequest: {disableChunkedEncoding: true}}
                  - {hostname: bastion.example, service: bastion}
                  - {hostname: bastion-mode.example, service: "%1$s", originRequest: {bastionMode: true}}
                  - {hostname: closed-socks.example, service: socks-proxy}
                  - hostname: socks.example
                    service: socks-proxy
                    originRequest:
                      ipRules:
                        - {prefix: 127.0.0.1/32, ports: [1], allow: false}
                        - {prefix: 127.0.0.0/8, allow: true}
                  - {hostname: socks-tcp.example, service: "tcp://127.0.0.1:%9$d", originRequest: {proxyType: socks}}
                  - {hostname: proxied.example, service: "http://far.example:8080"}
                  - {hostname: proxied-tls.example, service: "https://far-tls.example:8443", originRequest: {noTLSVerify: true}}
                  - {hostname: not-proxied.example, service: "http://%10$s.near.example:1"}
                  - service: http_status:404
                """.formatted(
                        plain.uri(),
                        secure.uri(),
                        "https://127.0.0.1:" + http2.port(),
                        pool,
                        socket,
                        tlsSocket,
                        secure.uri().toString().replace("https", "wss"),
                        silent.getLocalPort(),
                        ConnectorIT.tcpEcho(),
                        "n".repeat(70));
        TestEdge edge = keep(TestEdge.start(edgeAuthority));
        Map<String, String> environment = Map.of(
                "HTTP_PROXY", "http://user:secret@127.0.0.1:" + proxy,
                "https_proxy", "127.0.0.1:" + proxy,
                "NO_PROXY", "near.example,10.0.0.0/8");
        OriginProxies proxies = OriginProxies.of(name -> Optional.ofNullable(environment.get(name)));
        for (Protocol protocol : Protocol.values()) {
            ConnectorFile file = ConnectorFile.parse(Path.of("test.yml"), yaml);
            InstantSource clock = InstantSource.system();
            Connector connector = new Connector(
                    ConnectorIT.settings(edge.address(), edgeCa, protocol, Optional.empty(), proxies),
                    Configuration.local(file.ingress(), file, Map.of()),
                    new ConnectorLog(new PrintStream(System.err, true), ConnectorLog.Level.WARN, clock),
                    clock);
            connector.start();
            OPEN.add(() -> connector.stop(Duration.ZERO).join());
            LINKS.put(protocol, edge.link());
        }
    }

    @AfterEach
    void leftovers() {
        plain.drain();
        secure.drain();
        PROXIED.clear();
    }

    @AfterAll
    static void stop() throws Exception {
        List<AutoCloseable> last = new ArrayList<>(OPEN);
        Collections.reverse(last);
        for (AutoCloseable each : last) {
            each.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ca.example,           200, caPool and originServerName",
        "other-name.example,   502, a certificate for another name",
        "no-ca.example,        502, an authority nobody knows",
        "unverified.example,   200, noTLSVerify",
        "host.example,         200, matchSNItoHost",
        "not-host.example,     502, matchSNItoHost with a certificate for another host",
        "unix.example,         200, a socket file",
        "unix-tls.example,     200, TLS behind a socket file",
        "slow-tls.example,     502, tlsTimeout",
        "relic.example,        200, proxyAddress and proxyPort",
        "no-keepalive.example, 200, tcpKeepAlive off",
        "h1.example,           200, HTTP/1.1 where HTTP/2 was not asked for",
        "h2.example,           200, http2Origin",
    })
    void anOriginIsReachedOrNotAsTheRuleSays(String host, int status, String what) {
        assertThat(get(host, "/").head().status()).as(what).isEqualTo(status);
    }

    @Test
    void theRulesHostReplacesTheVisitorsWithItsPort() {
        get("renamed.example", "/").body();
        RecordingOrigin.Recorded seen = plain.take();
        assertThat(seen.only("host")).isEqualTo("inner.example:81");
        assertThat(seen.only("x-forwarded-host")).isEqualTo("renamed.example");
    }

    @Test
    void http2IsSpokenOnlyWhereTheRuleAllowsIt() {
        assertThat(get("h1.example", "/version").text()).isEqualTo("HTTP/1.1 ");
        assertThat(get("h2.example", "/version").text()).isEqualTo("HTTP/2.0 ");
    }

    @Test
    void anHttp2OriginTakesBodiesAndManyRequestsAtOnceOverOneConnection() {
        assertThat(post("h2.example", Map.of("content-length", "11"), "hello ", "world")
                        .text())
                .isEqualTo("HTTP/2.0 hello world");
        assertThat(post("h2.example", Map.of("transfer-encoding", "chunked"), "hello ", "world")
                        .text())
                .isEqualTo("HTTP/2.0 hello world");
        List<EdgeStream> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(get("h2.example", "/slow"));
        }
        all.forEach(each -> assertThat(each.text()).isEqualTo("HTTP/2.0 "));
        assertThat(get("h2.example", "/version").head().all("connections")).containsExactly("1");
    }

    @ParameterizedTest
    @EnumSource
    void webSocketsReachSocketFilesAndTlsOrigins(Protocol protocol) {
        for (RecordingOrigin origin : List.of(plain, secure)) {
            origin.answer(request -> request.target().equals("/socket"), (request, in, out) -> {
                write(
                        out,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: x\r\n\r\n");
                in.transferTo(out);
                return false;
            });
        }
        for (String host : List.of("unix.example", "unix-tls.example", "wss.example")) {
            EdgeStream stream = socket(protocol, host, "/socket", Map.of());
            stream.write("raw bytes".getBytes(StandardCharsets.UTF_8));
            assertThat(new String(stream.read(9), StandardCharsets.UTF_8))
                    .as(host)
                    .isEqualTo("raw bytes");
            stream.end();
        }
    }

    @Test
    void aBodyWithoutALengthIsMeasuredForOriginsThatTakeNoChunks() {
        post("measured.example", Map.of("transfer-encoding", "chunked"), "hello ", "world")
                .text();
        RecordingOrigin.Recorded seen = plain.take();
        assertThat(seen.all("transfer-encoding")).isEmpty();
        assertThat(seen.only("content-length")).isEqualTo("11");
    }

    @Test
    void idleConnectionsAreKeptAsManyAsTheRuleSays() {
        assertThat(connectionsFor("once.example", 1, 3)).isEqualTo(3);
        assertThat(connectionsFor("two.example", 4, 1)).isEqualTo(4);
        // Two of those four were kept, and both are used again, however often there were more.
        assertThat(connectionsFor("two.example", 4, 5)).isEqualTo(10);
        assertThat(connectionsFor("two.example", 2, 5)).isZero();
        assertThat(connectionsFor("patient.example", 1, 5)).isOne();
    }

    @Test
    void idleConnectionsEndWhenTheirTimeIsOver() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        plain.answer(request -> request.target().equals("/brief"), (request, in, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            if (in.read() < 0) {
                closed.countDown();
            }
            return false;
        });
        get("brief.example", "/brief").body();
        assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
    }

    /** @return how many new connections the origin saw */
    private static int connectionsFor(String host, int atOnce, int rounds) {
        int before = plain.connections();
        for (int i = 0; i < rounds; i++) {
            CountDownLatch together = new CountDownLatch(atOnce);
            plain.answer(request -> request.target().equals("/together"), (request, in, out) -> {
                together.countDown();
                try {
                    together.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                write(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                return true;
            });
            List<EdgeStream> streams = new ArrayList<>();
            for (int j = 0; j < atOnce; j++) {
                streams.add(get(host, "/together"));
            }
            streams.forEach(stream -> assertThat(stream.body()).isEmpty());
        }
        return plain.connections() - before;
    }

    @ParameterizedTest
    @CsvSource({"bastion.example", "bastion-mode.example"})
    void aBastionConnectsWhereTheClientSays(String host) throws Exception {
        int echo = ConnectorIT.tcpEcho();
        for (String destination : List.of("127.0.0.1:" + echo, "tcp://127.0.0.1:" + echo + "/ignored")) {
            EdgeStream stream = socket(Protocol.HTTP2, host, "/", Map.of("cf-access-jump-destination", destination));
            stream.write(ConnectorIT.frame(2, "hello".getBytes(StandardCharsets.UTF_8)));
            assertThat(new String(stream.read(7), StandardCharsets.UTF_8)).endsWith("hello");
            stream.end();
        }
        assertThat(open(Protocol.HTTP2, host, "/", Map.of()).head().status()).isEqualTo(400);
        assertThat(open(Protocol.HTTP2, host, "/", Map.of("cf-access-jump-destination", "127.0.0.1:1"))
                        .head()
                        .status())
                .isEqualTo(502);
    }

    @ParameterizedTest
    @EnumSource
    void socksConnectsWhereTheRulesAllow(Protocol protocol) throws Exception {
        int echo = ConnectorIT.tcpEcho();
        for (String host : List.of("127.0.0.1", "localhost")) {
            EdgeStream stream = socket(protocol, "socks.example", "/", Map.of());
            assertThat(socks(stream, host, echo)).isZero();
            stream.write(ConnectorIT.frame(2, "through socks".getBytes(StandardCharsets.UTF_8)));
            assertThat(new String(frame(stream), StandardCharsets.UTF_8)).isEqualTo("through socks");
            stream.end();
        }
    }

    @Test
    void socksRefusesWhatNoRuleAllowsAndSaysWhatWentWrong() {
        // 2: not allowed, 4: host unreachable, 5: refused, 7: no such command (RFC 1928 §6).
        assertThat(socks(socket(Protocol.HTTP2, "socks.example", "/", Map.of()), "127.0.0.1", 1))
                .isEqualTo(2);
        assertThat(socks(socket(Protocol.HTTP2, "socks.example", "/", Map.of()), "10.1.2.3", 22))
                .isEqualTo(2);
        assertThat(socks(socket(Protocol.HTTP2, "closed-socks.example", "/", Map.of()), "127.0.0.1", 22))
                .isEqualTo(2);
        assertThat(socks(socket(Protocol.HTTP2, "socks.example", "/", Map.of()), UNKNOWN, 22))
                .isEqualTo(4);
        assertThat(socks(socket(Protocol.HTTP2, "socks.example", "/", Map.of()), "127.0.0.1", 2))
                .isEqualTo(5);
        EdgeStream bind = socket(Protocol.HTTP2, "socks.example", "/", Map.of());
        assertThat(socks(bind, 2, "127.0.0.1", 22)).isEqualTo(7);
        EdgeStream password = socket(Protocol.HTTP2, "socks.example", "/", Map.of());
        password.write(ConnectorIT.frame(2, new byte[] {5, 1, 2}));
        assertThat(frame(password)).containsExactly(5, 0xff);
    }

    @Test
    void socksOnATcpServiceLeadsToThatServiceWhateverTheClientAsks() {
        EdgeStream stream = socket(Protocol.HTTP2, "socks-tcp.example", "/", Map.of());
        assertThat(socks(stream, "203.0.113.1", 9)).isZero();
        stream.write(ConnectorIT.frame(2, "fixed".getBytes(StandardCharsets.UTF_8)));
        assertThat(new String(frame(stream), StandardCharsets.UTF_8)).isEqualTo("fixed");
        stream.end();
    }

    @Test
    void aHastySocksClientLosesNothing() throws Exception {
        EdgeStream stream = socket(Protocol.HTTP2, "socks.example", "/", Map.of());
        byte[] hello = {5, 1, 0};
        byte[] command = command(1, "localhost", ConnectorIT.tcpEcho());
        byte[] all =
                ConnectorIT.concat(ConnectorIT.concat(hello, command), "too early".getBytes(StandardCharsets.UTF_8));
        stream.write(ConnectorIT.frame(2, all));
        assertThat(frame(stream)).containsExactly(5, 0);
        assertThat(frame(stream)).startsWith(5, 0);
        assertThat(new String(frame(stream), StandardCharsets.UTF_8)).isEqualTo("too early");
        stream.end();
    }

    @Test
    void aForwardingProxyIsToldWhereAndByWhom() throws Exception {
        assertThat(get("proxied.example", "/path?q=1").text()).isEqualTo("by proxy");
        assertThat(PROXIED.poll(30, TimeUnit.SECONDS))
                .startsWith("GET http://far.example:8080/path?q=1 HTTP/1.1")
                .containsIgnoringCase("host: proxied.example")
                .containsIgnoringCase("proxy-authorization: Basic dXNlcjpzZWNyZXQ=");
    }

    @Test
    void tlsGoesThroughAProxyUnread() throws Exception {
        assertThat(get("proxied-tls.example", "/").text()).contains("origin got GET /");
        assertThat(PROXIED.poll(30, TimeUnit.SECONDS)).startsWith("CONNECT far-tls.example:8443 HTTP/1.1");
        assertThat(secure.take().all("proxy-authorization")).isEmpty();
    }

    @Test
    void whatNoProxyNamesIsReachedDirectly() {
        assertThat(get("not-proxied.example", "/").head().status()).isEqualTo(502);
        assertThat(PROXIED).isEmpty();
    }

    @Test
    void aRequestWithABodyIsSentAgainWhenNothingOfTheBodyHasLeft() {
        // One connection is kept, and what is asked on it next breaks off after the head's first line.
        plain.answer(request -> request.target().equals("/closes"), (request, in, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            while (in.read() != '\n') {}
            return false;
        });
        get("patient.example", "/closes").body();
        int before = plain.connections();
        EdgeStream stream = LINKS.get(Protocol.HTTP2)
                .request("POST", "patient.example", "/again", Map.of("content-length", "5"), false);
        await().until(() -> plain.connections() == before + 1);
        stream.write("hello".getBytes(StandardCharsets.UTF_8));
        stream.end();
        assertThat(stream.text()).contains("with 5 bytes");
    }

    // The small things the tests above are made of.

    private static EdgeStream get(String host, String path) {
        return LINKS.get(Protocol.HTTP2).request("GET", host, path, Map.of(), true);
    }

    private static EdgeStream post(String host, Map<String, String> headers, String... pieces) {
        EdgeStream stream = LINKS.get(Protocol.HTTP2).request("POST", host, "/", headers, false);
        for (String piece : pieces) {
            stream.write(piece.getBytes(StandardCharsets.UTF_8));
        }
        stream.end();
        return stream;
    }

    private static EdgeStream open(Protocol protocol, String host, String path, Map<String, String> more) {
        Map<String, String> headers = new HashMap<>(more);
        headers.put("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        return LINKS.get(protocol).open(RequestKind.WEBSOCKET, "GET", host, path, headers, false);
    }

    private static EdgeStream socket(Protocol protocol, String host, String path, Map<String, String> more) {
        EdgeStream stream = open(protocol, host, path, more);
        assertThat(stream.head().status()).as(host).isEqualTo(200);
        return stream;
    }

    /** Says hello and CONNECT; the status of the reply. */
    private static int socks(EdgeStream stream, String host, int port) {
        return socks(stream, 1, host, port);
    }

    private static int socks(EdgeStream stream, int command, String host, int port) {
        stream.write(ConnectorIT.frame(2, new byte[] {5, 1, 0}));
        assertThat(frame(stream)).containsExactly(5, 0);
        stream.write(ConnectorIT.frame(2, command(command, host, port)));
        return frame(stream)[1];
    }

    private static byte[] command(int command, String host, int port) {
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        byte[] head = {5, (byte) command, 0, 3, (byte) name.length};
        return ConnectorIT.concat(ConnectorIT.concat(head, name), new byte[] {(byte) (port >> 8), (byte) port});
    }

    /** The payload of the next short frame. */
    private static byte[] frame(EdgeStream stream) {
        byte[] rest = new byte[0];
        while (rest.length < 2 || rest.length < 2 + rest[1]) {
            if (!(stream.next() instanceof Event.Bytes bytes)) {
                throw new AssertionError("the stream ended");
            }
            rest = ConnectorIT.concat(rest, bytes.bytes());
        }
        int length = rest[1];
        if (rest.length > 2 + length) {
            stream.unread(Arrays.copyOfRange(rest, 2 + length, rest.length));
        }
        return Arrays.copyOfRange(rest, 2, 2 + length);
    }

    private static <T extends AutoCloseable> T keep(T opened) {
        OPEN.add(opened);
        return opened;
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static DisposableServer http2(TestAuthority.Issued issued) throws Exception {
        List<String> connections = new CopyOnWriteArrayList<>();
        Path certificate = directory.resolve("h2.crt");
        Path key = directory.resolve("h2.key");
        issued.write(certificate, key);
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .http2Settings(settings -> settings.maxConcurrentStreams(8))
                .secure(spec -> spec.sslContext(
                        reactor.netty.http.Http2SslContextSpec.forServer(certificate.toFile(), key.toFile())))
                .handle((request, response) -> {
                    request.withConnection(connection -> {
                        var parent = connection.channel().parent();
                        String id = parent == null ? "h1" : parent.id().asShortText();
                        if (parent != null && request.version().majorVersion() == 2 && !connections.contains(id)) {
                            connections.add(id);
                        }
                    });
                    Mono<String> body = request.receive().aggregate().asString().defaultIfEmpty("");
                    if (request.uri().equals("/slow")) {
                        body = body.delayElement(Duration.ofMillis(20));
                    }
                    return response.header("connections", Integer.toString(connections.size()))
                            .sendString(body.map(text -> request.version() + " " + text));
                })
                .bindNow();
        OPEN.add(server::disposeNow);
        return server;
    }

    /** A socket file whose bytes go to a port. */
    private static Path unix(String name, int port) throws IOException {
        Path file = directory.resolve(name);
        ServerSocketChannel server = keep(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
        server.bind(UnixDomainSocketAddress.of(file));
        Thread.ofVirtual().start(() -> {
            while (server.isOpen()) {
                try {
                    SocketChannel accepted = server.accept();
                    relay(accepted, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return file;
    }

    private static void relay(SocketChannel near, InetSocketAddress to) throws IOException {
        SocketChannel far = SocketChannel.open(to);
        copy(near, far);
        copy(far, near);
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        Thread.ofPlatform().daemon().start(() -> {
            try (from;
                    to) {
                ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
                while (from.read(buffer) >= 0) {
                    buffer.flip();
                    while (buffer.hasRemaining()) {
                        to.write(buffer);
                    }
                    buffer.clear();
                }
            } catch (IOException closed) {
                // both ends are closed with it
            }
        });
    }

    /** Answers plain requests itself, and connects CONNECT to the origin with TLS, whatever its name. */
    private static int proxy() throws IOException {
        ServerSocket server = keep(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket accepted = server.accept();
                    Thread.ofVirtual().start(() -> proxy(accepted));
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return server.getLocalPort();
    }

    private static void proxy(Socket accepted) {
        try (accepted) {
            InputStream in = accepted.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            PROXIED.add(head.toString());
            if (!head.toString().startsWith("CONNECT")) {
                write(accepted.getOutputStream(), "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nby proxy");
                return;
            }
            write(accepted.getOutputStream(), "HTTP/1.1 200 fine\r\n\r\n");
            try (Socket far =
                    new Socket(InetAddress.getLoopbackAddress(), secure.uri().getPort())) {
                Thread back = Thread.ofVirtual().start(() -> {
                    try {
                        far.getInputStream().transferTo(accepted.getOutputStream());
                    } catch (IOException closed) {
                        // its end is the other's end
                    }
                });
                in.transferTo(far.getOutputStream());
                back.interrupt();
            }
        } catch (IOException closed) {
            // the connector's right
        }
    }
}
