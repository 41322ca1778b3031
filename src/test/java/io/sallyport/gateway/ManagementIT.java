package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.LogClient;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.testkit.TestConnectorQuic;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementKey;
import io.sallyport.token.ManagementResource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What connectors say about themselves, from a reader through the edge and the tunnel, over both transports; and its burglars. */
class ManagementIT {
    private static final Map<Protocol, TunnelId> TUNNELS =
            Map.of(Protocol.HTTP2, new TunnelId(UUID.randomUUID()), Protocol.QUIC, new TunnelId(UUID.randomUUID()));
    /** One with two connectors. */
    private static final TunnelId PAIR = new TunnelId(UUID.randomUUID());
    /** One whose connectors come and go. */
    private static final TunnelId EMPTY = new TunnelId(UUID.randomUUID());

    private static final String ACCOUNT = TunnelledEdge.ACCOUNT;
    private static final String MANAGEMENT = "management.argotunnel.com";

    private static TunnelledEdge gate;
    private static Edge edge;
    private static RecordingOrigin origin;
    private static ManagementKey key;
    private static final Map<Protocol, Connector> CONNECTORS = new EnumMap<>(Protocol.class);
    private static final List<Connector> TWO = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path files) {
        gate = TunnelledEdge.start(files);
        edge = gate.edge;
        origin = RecordingOrigin.start();
        key = edge.context().getBean(ManagementKey.class);
        for (Protocol each : Protocol.values()) {
            gate.host(host(each), tunnel(each));
        }
        // What no admin may write, in case one had: a visitor of everything below that name.
        gate.host("*.argotunnel.com", tunnel(Protocol.HTTP2));
        grant();
        for (Protocol each : Protocol.values()) {
            CONNECTORS.put(each, connect(tunnel(each), each));
            TWO.add(connect(PAIR, each));
        }
    }

    private static TunnelId tunnel(Protocol protocol) {
        return Objects.requireNonNull(TUNNELS.get(protocol));
    }

    private static String host(Protocol protocol) {
        return protocol.word() + ".localhost";
    }

    private static void grant() {
        TUNNELS.values().forEach(gate::grant);
        gate.grant(PAIR).grant(EMPTY).publish();
    }

    @AfterEach
    void leftovers() {
        origin.drain();
    }

    @AfterAll
    static void stop() {
        CONNECTORS.values().forEach(each -> each.stop(Duration.ZERO).join());
        TWO.forEach(each -> each.stop(Duration.ZERO).join());
        origin.close();
        gate.close();
    }

    private static Connector connect(TunnelId tunnel, Protocol protocol) {
        return gate.connect(tunnel, protocol, 1, "ingress: [{service: '" + origin.uri() + "'}]");
    }

    private static ManagementClaims claims(TunnelId tunnel, String actor, ManagementResource... resources) {
        Instant now = InstantSource.system().instant();
        return new ManagementClaims(
                tunnel.toString(),
                ACCOUNT,
                actor,
                MANAGEMENT,
                Set.of(resources),
                now.minusSeconds(5),
                now.plusSeconds(600));
    }

    private static String token(TunnelId tunnel, ManagementResource... resources) {
        return key.sign(claims(tunnel, "ada", resources));
    }

    private static RawHttp.Response get(String host, String target) {
        return RawHttp.exchange(
                edge.port(), "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private static RawHttp.Response get(String target) {
        return get(MANAGEMENT, target);
    }

    @ParameterizedTest
    @EnumSource
    void aReaderSeesRequestsAsTheyAreServedAndNothingThatIsSecret(Protocol protocol) throws Exception {
        String logs = "/logs?access_token=" + token(tunnel(protocol), ManagementResource.LOGS);
        try (LogClient reader = LogClient.open(edge.port(), MANAGEMENT, logs).start("{\"events\":[\"http\"]}")) {
            assertThat(ask(protocol, "/visit?code=top-secret")).isTrue();
            JsonNode asked = reader.line(line -> line.path("message").asString().equals("GET /visit"));
            JsonNode answered =
                    reader.line(line -> line.path("message").asString().equals("Answered 200"));
            for (JsonNode line : List.of(asked, answered)) {
                assertThat(line.path("event").asString()).isEqualTo("http");
                assertThat(line.path("level").asString()).isEqualTo("debug");
                assertThat(line.path("fields").path("host").asString()).startsWith(host(protocol));
                assertThat(line.path("fields").path("originService").asString())
                        .isEqualTo(origin.uri().toString());
                assertThat(line.toString()).doesNotContain("top-secret", "Bearer", "cookie-value", "eyJ");
            }
        }
    }

    private static boolean ask(Protocol protocol, String path) {
        return RawHttp.exchange(
                                edge.port(),
                                "GET " + path + " HTTP/1.1\r\nHost: " + host(protocol)
                                        + "\r\nAuthorization: Bearer top-secret\r\n"
                                        + "Cookie: a=cookie-value\r\nConnection: close\r\n\r\n")
                        .status()
                == 200;
    }

    @ParameterizedTest
    @EnumSource
    void oneReadsAtATimeAndTheSameOneMayMove(Protocol protocol) {
        String ada = "/logs?access_token=" + token(tunnel(protocol), ManagementResource.LOGS);
        String bob = "/logs?access_token=" + key.sign(claims(tunnel(protocol), "bob", ManagementResource.LOGS));
        try (LogClient first = LogClient.open(edge.port(), MANAGEMENT, ada).start("{}")) {
            assertThat(ask(protocol, "/1")).isTrue();
            first.line(line -> true);
            try (LogClient second = LogClient.open(edge.port(), MANAGEMENT, bob).start("{}")) {
                assertThat(second.end()).isEqualTo("4002 limit exceeded for streaming sessions");
            }
            try (LogClient third = LogClient.open(edge.port(), MANAGEMENT, ada).start("{}")) {
                assertThat(first.end()).isEqualTo("1000 another session took its place");
                assertThat(ask(protocol, "/2")).isTrue();
                third.line(line -> line.path("message").asString().equals("GET /2"));
            }
            try (LogClient rude = LogClient.open(edge.port(), MANAGEMENT, ada).say("{\"type\":\"stop_streaming\"}")) {
                assertThat(rude.end()).isEqualTo("4001 expected start streaming as first event");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatElseAConnectorSaysTakesATokenForIt(Protocol protocol) {
        String admin = "?access_token=" + token(tunnel(protocol), ManagementResource.ADMIN);
        String logs = "?access_token=" + token(tunnel(protocol), ManagementResource.LOGS);
        String details = "?access_token=" + token(tunnel(protocol), ManagementResource.HOST_DETAILS);
        assertThat(get("/ping" + logs).status()).isEqualTo(200);
        RawHttp.Response machine = get("/host_details" + details);
        assertThat(machine.status()).isEqualTo(200);
        assertThat(machine.first("Content-Type")).isEqualTo("application/json");
        assertThat(machine.first("Cache-Control")).isEqualTo("no-store");
        JsonNode said = JsonMapper.shared().readTree(machine.text());
        assertThat(said.path("connector_id").asString())
                .isEqualTo(Objects.requireNonNull(CONNECTORS.get(protocol)).id().toString());
        assertThat(said.path("ip").asString()).isEqualTo("127.0.0.1");
        assertThat(said.path("hostname").asString()).isNotEmpty();
        assertThat(get("/metrics" + admin).text()).contains("cloudflared_tunnel_ha_connections 1");
        for (String refused :
                List.of("/metrics" + logs, "/metrics" + details, "/host_details" + logs, "/logs" + details)) {
            assertThat(get(refused).status()).as(refused).isEqualTo(403);
        }
        assertThat(get("/logs" + logs).status()).as("no WebSocket").isEqualTo(426);
        assertThat(get("/etc/passwd" + admin).status()).isEqualTo(404);
        assertThat(get("/debug/pprof/heap" + admin).status())
                .as("this connector has none")
                .isEqualTo(404);
        assertThat(origin.drain()).as("nothing of it went to the origin").isEmpty();
    }

    @Test
    void theConnectorThatIsNamedIsTheOneThatAnswers() {
        Connector one = TWO.getFirst();
        Connector two = TWO.getLast();
        String details = "/host_details?access_token=" + token(PAIR, ManagementResource.HOST_DETAILS);
        for (Connector each :
                IntStream.range(0, 6).mapToObj(i -> i % 2 == 0 ? one : two).toList()) {
            assertThat(get(details + "&connector_id=" + each.id()).text())
                    .contains(each.id().toString());
        }
        RawHttp.Response none = get(details + "&connector_id=" + UUID.randomUUID());
        assertThat(none.status()).isEqualTo(530);
        assertThat(error(none)).isEqualTo(1033);
        assertThat(get(details + "&connector_id=1").status()).isEqualTo(400);
        assertThat(get(details + "&connector_id=" + one.id() + "&connector_id=" + two.id())
                        .status())
                .isEqualTo(400);
    }

    private static int error(RawHttp.Response answer) {
        return JsonMapper.shared()
                .readTree(answer.text())
                .path("errors")
                .path(0)
                .path("code")
                .asInt();
    }

    @Test
    void withoutATokenTheAnswerIsTheOneThatClientsKnow() {
        for (String target :
                List.of("/logs", "/ping?access_token=", "/metrics?access_token=abc", "/ping?access_token=a.b.c")) {
            RawHttp.Response answer = get(target);
            assertThat(answer.status()).as(target).isEqualTo(400);
            assertThat(answer.first("Content-Type")).isEqualTo("application/json");
            assertThat(answer.text())
                    .isEqualTo(
                            "{\"success\":false,\"errors\":[{\"code\":1001,\"message\":\"missing access_token query parameter\"}]}");
        }
        String one = "access_token=" + token(EMPTY, ManagementResource.LOGS);
        assertThat(get("/ping?" + one + "&" + one).status())
                .as("two tokens have two readings")
                .isEqualTo(400);
        assertThat(get("/ping?" + one).status()).as("no connector").isEqualTo(530);
    }

    @Test
    @DisplayName(
            "JW-03, JW-04, JW-06, TU-11: forged, over, of another host, account or kind, or of a tunnel that is gone: 401")
    void forgedAndForeignTokensOpenNothing() {
        ManagementClaims good = claims(tunnel(Protocol.HTTP2), "ada", ManagementResource.ADMIN);
        Instant now = InstantSource.system().instant();
        List<String> bad = List.of(
                ManagementKey.generate().sign(good),
                key.sign(new ManagementClaims(
                        good.tunnel(),
                        ACCOUNT,
                        "ada",
                        MANAGEMENT,
                        good.resources(),
                        now.minusSeconds(60),
                        now.minusSeconds(1))),
                key.sign(new ManagementClaims(
                        good.tunnel(),
                        ACCOUNT,
                        "ada",
                        MANAGEMENT,
                        good.resources(),
                        now.plusSeconds(60),
                        now.plusSeconds(90))),
                key.sign(new ManagementClaims(
                        good.tunnel(),
                        ACCOUNT,
                        "ada",
                        "management.example.com",
                        good.resources(),
                        now,
                        good.expiresAt())),
                key.sign(new ManagementClaims(
                        good.tunnel(), "1".repeat(32), "ada", MANAGEMENT, good.resources(), now, good.expiresAt())),
                key.sign(claims(new TunnelId(UUID.randomUUID()), "ada", ManagementResource.ADMIN)),
                key.sign(new ManagementClaims(
                        "not-a-tunnel", ACCOUNT, "ada", MANAGEMENT, good.resources(), now, good.expiresAt())));
        for (String token : bad) {
            RawHttp.Response answer = get("/metrics?access_token=" + token);
            assertThat(answer.status()).as(token).isEqualTo(401);
            assertThat(error(answer)).isEqualTo(1002);
        }
    }

    @Test
    @DisplayName("TU-11: a token for one tunnel shows nothing of another's connectors, whatever connector it names")
    void anotherTunnelsConnectorStaysSilent() {
        Connector theirs = TWO.getFirst();
        String ours = "?access_token=" + token(EMPTY, ManagementResource.ADMIN);
        assertThat(get("/metrics" + ours).status()).isEqualTo(530);
        assertThat(get("/metrics" + ours + "&connector_id=" + theirs.id()).status())
                .isEqualTo(530);
        assertThat(get("/metrics?access_token=" + token(PAIR, ManagementResource.ADMIN))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @DisplayName("TU-11: no visitor of an application reaches a connector by a name at which it answers about itself")
    @ValueSource(
            strings = {
                "management.argotunnel.com",
                "MANAGEMENT.argotunnel.com",
                "management.argotunnel.com.",
                "management.argotunnel.com:7844",
                "management.fed.argotunnel.com"
            })
    void aVisitorOfTheHostItselfIsStopped(String host) {
        assertThat(get(host, "/metrics").status()).isEqualTo(400);
        assertThat(get(
                                host,
                                "/metrics?access_token="
                                        + ManagementKey.generate()
                                                .sign(claims(tunnel(Protocol.HTTP2), "eve", ManagementResource.ADMIN)))
                        .status())
                .isEqualTo(401);
        assertThat(get("other.argotunnel.com", "/").status())
                .as("beside it, that application is one like any other")
                .isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource
    void aConnectorIsToldNothingButWhatWasVerified(Protocol protocol) throws InterruptedException {
        BlockingQueue<TestConnector.Request> seen = new LinkedBlockingQueue<>();
        TestConnector.Claim claim =
                new TestConnector.Claim(ACCOUNT, EMPTY.value(), TunnelledEdge.SECRET, UUID.randomUUID(), 0);
        int port = gate.connectorPort();
        String token = token(EMPTY, ManagementResource.LOGS);
        try (TestConnector connector = (protocol == Protocol.QUIC
                        ? TestConnectorQuic.dial(port, claim)
                        : TestConnectorHttp2.dial(port, claim))
                .registered()) {
            connector.answering(request -> {
                seen.add(request);
                request.answer(200, "pong");
            });
            await().until(() -> RawHttp.exchange(
                                    edge.port(),
                                    "GET /ping?a=b&access_token=" + token + "&connector_id=" + claim.client()
                                            + " HTTP/1.1\r\n"
                                            + "Host: " + MANAGEMENT
                                            + ":8080\r\nCookie: a=b\r\nAuthorization: Bearer x\r\n"
                                            + "Origin: https://console.example.com\r\nUser-Agent: cloudflared\r\n"
                                            + "Cf-Access-Jwt-Assertion: x\r\nX-Forwarded-For: 1.2.3.4\r\nX-Mine: 1\r\n"
                                            + "Cf-Cloudflared-Proxy-Connection-Upgrade: update-configuration\r\n"
                                            + "Connection: close\r\n\r\n")
                            .status()
                    == 200);
            TestConnector.Request request = seen.poll(30, TimeUnit.SECONDS);
            assertThat(request.kind).isEqualTo("HTTP");
            assertThat(request.host)
                    .as("as connectors compare it, without a port")
                    .isEqualTo(MANAGEMENT);
            assertThat(request.path).isEqualTo("/ping?access_token=" + token);
            assertThat(request.fields)
                    .extracting(field -> field.name().toLowerCase(Locale.ROOT))
                    .filteredOn(name -> !name.startsWith(":"))
                    .containsOnly("user-agent", "traceparent");
        }
        gate.awaitNobodyAt(EMPTY);
    }

    @ParameterizedTest
    @EnumSource
    void aStreamEndsWithItsTunnel(Protocol protocol) {
        Connector connector = connect(EMPTY, protocol);
        String logs = "/logs?access_token=" + token(EMPTY, ManagementResource.LOGS);
        try (LogClient reader = LogClient.open(edge.port(), MANAGEMENT, logs).start("{}")) {
            edge.tunnels.remove(EMPTY);
            edge.publish();
            assertThat(reader.end()).startsWith("1008");
        } finally {
            grant();
            gate.disconnect(connector, EMPTY);
        }
    }

    @Test
    void aStreamEndsWithItsToken() {
        Instant now = InstantSource.system().instant();
        String brief = key.sign(new ManagementClaims(
                tunnel(Protocol.HTTP2).toString(),
                ACCOUNT,
                "ada",
                MANAGEMENT,
                Set.of(ManagementResource.LOGS),
                now,
                now.plusSeconds(6)));
        try (LogClient reader = LogClient.open(edge.port(), MANAGEMENT, "/logs?access_token=" + brief)
                .start("{}")) {
            assertThat(reader.end()).startsWith("1008");
        }
    }

    @Test
    @DisplayName("TU-06: a reader who does not read stops nobody's requests")
    void aSlowReaderStopsNobody() {
        String logs = "/logs?access_token=" + token(tunnel(Protocol.HTTP2), ManagementResource.LOGS);
        String longPath = "/" + "a".repeat(6000);
        try (LogClient reader = LogClient.open(edge.port(), MANAGEMENT, logs).start("{}")) {
            for (int i = 0; i < 400; i++) {
                assertThat(ask(Protocol.HTTP2, longPath)).as("request " + i).isTrue();
            }
            assertThat(reader.line(line -> line.path("message").asString().startsWith("GET /aaa")))
                    .isNotNull();
        }
    }
}
