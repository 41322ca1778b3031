package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.http.OutboundRules;
import io.sallyport.identity.IdpId;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.FakeIdp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.json.JsonMapper;

/** Threats OI-07 and OI-08: providers' key sets, and where our own calls may go. */
class OutboundHttpIT {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
    private static final OutboundHttp LOOPBACK = http("127.0.0.0/8");

    private static HttpServer server;
    private static volatile int status;
    private static volatile String body;
    private static final AtomicInteger FETCHES = new AtomicInteger();

    @BeforeAll
    static void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            FETCHES.incrementAndGet();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            if (status == 302) {
                exchange.getResponseHeaders().set("Location", "http://169.254.169.254/latest/meta-data");
            }
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            try (var out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        });
        server.start();
        status = 200;
        body = "{}";
        // The first call of a process starts a client, which on a busy machine takes longer than a call may.
        await("the client to have started")
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> LOOPBACK.get(at("127.0.0.1"), new HttpHeaders()).status() == 200);
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    @BeforeEach
    void answer() {
        status = 200;
        body = "{\"keys\":[]}";
        FETCHES.set(0);
    }

    private static OutboundHttp http(String... allowed) {
        return new OutboundHttp(OutboundRules.of(List.of(allowed)));
    }

    private static URI at(String host) {
        return URI.create("http://" + host + ":" + server.getAddress().getPort() + "/keys");
    }

    private static Instant after(Duration passed) {
        return NOON.plus(passed);
    }

    @Test
    void oi07_anUnknownKeyIsLookedForOnceInThirtySeconds() throws ProviderFailure {
        KeySets keys = new KeySets(LOOPBACK);
        URI certs = at("127.0.0.1");
        keys.current(certs, NOON);
        body = "{\"keys\":[1]}";
        assertThat(keys.newer(certs, after(Duration.ofSeconds(1)))).contains(body);
        for (int second = 2; second < 31; second++) {
            assertThat(keys.newer(certs, after(Duration.ofSeconds(second)))).isEmpty();
        }
        assertThat(FETCHES).hasValue(2);
        assertThat(keys.newer(certs, after(Duration.ofSeconds(31)))).isPresent();
    }

    @Test
    void oi07_r53_theLastGoodCopyServesADayAndThenNoMore() throws ProviderFailure {
        KeySets keys = new KeySets(LOOPBACK);
        URI certs = at("127.0.0.1");
        String good = keys.current(certs, NOON);
        status = 500;
        assertThat(keys.current(certs, after(Duration.ofHours(1)))).isEqualTo(good);
        assertThat(keys.current(certs, after(Duration.ofHours(24).minusSeconds(1))))
                .isEqualTo(good);
        assertThatThrownBy(() -> keys.current(certs, after(Duration.ofHours(24).plusSeconds(1))))
                .isInstanceOf(ProviderFailure.class);
        status = 200;
        assertThat(keys.current(certs, after(Duration.ofHours(25)))).isEqualTo(good);
    }

    @Test
    void oi07_anEndpointThatFailsIsNotAskedByEveryVisitor() {
        KeySets keys = new KeySets(LOOPBACK);
        status = 503;
        for (int second = 0; second < 29; second++) {
            Instant now = after(Duration.ofSeconds(second));
            assertThatThrownBy(() -> keys.current(at("127.0.0.1"), now)).isInstanceOf(ProviderFailure.class);
        }
        assertThat(FETCHES).hasValue(1);
    }

    @Test
    void do05_oneServiceThatIsSilentLeavesPlacesToTheOthers() throws Exception {
        OutboundHttp http = http("127.0.0.0/8");
        try (ServerSocket silent = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
                ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor()) {
            URI nowhere = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
            for (int i = 0; i < 300; i++) {
                visitors.execute(() -> assertThatThrownBy(() -> http.get(nowhere, new HttpHeaders())));
            }
            silent.accept();
            BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
            assertThat(http.get(at("127.0.0.1"), new HttpHeaders()).status()).isEqualTo(200);
            assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(3)));
        }
    }

    /** An old document beats none, and asking for a newer one must not make every visitor wait. */
    @Test
    void anIssuerThatFailsIsAskedAgainAfterTenSecondsByOneVisitorForAll() throws ProviderFailure {
        Discovery discovery = new Discovery(LOOPBACK, JsonMapper.shared());
        String issuer = at("127.0.0.1").toString();
        body =
                "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%1$s/a\",\"token_endpoint\":\"%1$s/t\",\"jwks_uri\":\"%1$s/k\"}"
                        .formatted(issuer);
        discovery.of(provider(issuer), NOON);
        status = 503;
        for (int second = 0; second < 10; second++) {
            assertThat(discovery
                            .of(provider(issuer), after(Duration.ofHours(2).plusSeconds(second)))
                            .tokenUrl())
                    .hasPath(at("127.0.0.1").getPath() + "/t");
        }
        assertThat(FETCHES).hasValue(2);
    }

    @Test
    void oi04_aDiscoveryDocumentThatNamesAnotherIssuerIsNotBelieved() {
        String issuer = at("127.0.0.1").toString();
        body =
                "{\"issuer\":\"%s/\",\"authorization_endpoint\":\"%1$s/a\",\"token_endpoint\":\"%1$s/t\",\"jwks_uri\":\"%1$s/k\"}"
                        .formatted(issuer);
        assertThatThrownBy(() -> new Discovery(LOOPBACK, JsonMapper.shared()).of(provider(issuer), NOON))
                .isInstanceOf(ProviderFailure.class)
                .cause()
                .hasMessageContaining("names another issuer");
    }

    private static IdentityProvider.OpenIdConnect provider(String issuer) {
        return new IdentityProvider.OpenIdConnect(
                new IdpId(UUID.randomUUID()),
                "Some",
                "oidc",
                "client",
                null,
                issuer,
                null,
                null,
                null,
                List.of(),
                List.of(),
                null,
                false,
                true,
                null,
                null,
                null,
                null,
                null);
    }

    @Test
    void oi07_anAnswerBeyondTheLimitIsDropped() {
        body = "x".repeat(256 * 1024 + 1);
        assertThatThrownBy(() -> LOOPBACK.get(at("127.0.0.1"), new HttpHeaders()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("larger");
        body = "x".repeat(256 * 1024);
        assertThatCode(() -> LOOPBACK.get(at("127.0.0.1"), new HttpHeaders())).doesNotThrowAnyException();
    }

    @Test
    void oi08_redirectsAreAnswersAndNotFollowed() throws IOException {
        status = 302;
        assertThat(LOOPBACK.get(at("127.0.0.1"), new HttpHeaders()).status()).isEqualTo(302);
        assertThat(FETCHES).hasValue(1);
    }

    @Test
    void oi08_whatANameResolvesToIsJudgedBeforeAnythingIsSent() throws UnknownHostException {
        String name = InetAddress.getLocalHost().getHostName();
        URI https = URI.create("https://" + name + ":" + server.getAddress().getPort() + "/keys");
        assertThatThrownBy(() -> http().get(https, new HttpHeaders()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not resolve to a public address");
        assertThat(FETCHES).hasValue(0);
    }

    @Test
    void oi08_privateAddressesPlainHttpAndOddNumbersAreRefused() {
        OutboundHttp strict = http();
        for (String url : List.of(
                "http://example.com/keys",
                "https://127.0.0.1/keys",
                "https://[::1]/keys",
                "https://[::ffff:127.0.0.1]/keys",
                "https://169.254.169.254/latest/meta-data",
                "https://10.0.0.1/keys",
                "https://192.168.1.1/keys",
                "https://172.16.0.1/keys",
                "https://100.64.0.1/keys",
                "https://0.0.0.0/keys",
                "https://[fd00::1]/keys",
                "https://localhost/keys",
                "https://a.localhost/keys",
                "ftp://example.com/keys")) {
            assertThatThrownBy(() -> strict.get(URI.create(url), new HttpHeaders()))
                    .as(url)
                    .isInstanceOf(IOException.class)
                    .hasMessageNotContaining("could not be asked");
        }
    }

    @Test
    void aProviderMayBeReachedWhenTheAdminListsIt() {
        try (FakeIdp idp = FakeIdp.start()) {
            URI keys = URI.create(idp.issuer() + "/keys");
            assertThatCode(() -> LOOPBACK.get(keys, new HttpHeaders())).doesNotThrowAnyException();
        }
    }
}
