package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** DO-04, ST-05: whoever tries credentials at the doors for programs is slowed down, and nobody else is. */
class DoorLimitsIT {
    private static final int WRONG_PER_MINUTE = 4;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static TestServer server;
    private static String scimPath;
    private static String scimSecret;

    /** Of a network that no other test comes from. */
    private final String client = "198.51.100." + NEXT.incrementAndGet();

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of(
                "sallyport.credentials.wrong-per-minute",
                String.valueOf(WRONG_PER_MINUTE),
                "sallyport.trusted-proxies",
                "127.0.0.1"));
        JsonNode made = server.admin().post("/access/identity_providers", """
                {"name":"Directory","type":"oidc","config":{"client_id":"a","client_secret":"b","issuer":"https://idp.example.com"},
                 "scim_config":{"enabled":true}}""");
        scimPath = "/cdn-cgi/access/scim/" + made.get("id").asString() + "/v2/Users";
        scimSecret = made.at("/scim_config/secret").asString();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static RawHttp.Response send(String line, String host, String client, String more) {
        return RawHttp.exchange(
                server.port(),
                line + " HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-For: " + client + "\r\nConnection: close\r\n"
                        + more);
    }

    private static RawHttp.Response api(String client, String token) {
        return send(
                "GET /client/v4/accounts", "console.localhost", client, "Authorization: Bearer " + token + "\r\n\r\n");
    }

    private static RawHttp.Response scim(String client, String secret) {
        return send("GET " + scimPath, "auth.localhost", client, "Authorization: Bearer " + secret + "\r\n\r\n");
    }

    private static RawHttp.Response approval(String client, String token) {
        String form = "token=" + token;
        return send(
                "POST /argotunnel",
                "console.localhost",
                client,
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + form.length() + "\r\n\r\n"
                        + form);
    }

    private static String guess() {
        return "guess-" + UUID.randomUUID();
    }

    @Test
    void do04GuessesAtTheAdminApiAreAnsweredInItsEnvelopeWithWhenToComeBack() {
        for (int i = 0; i < WRONG_PER_MINUTE; i++) {
            assertThat(api(client, guess()).status()).isEqualTo(401);
        }
        RawHttp.Response refused = api(client, guess());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.first("Retry-After")).isEqualTo("60");
        assertThat(refused.first("Content-Type")).isEqualTo("application/json");
        JsonNode envelope = JsonMapper.shared().readTree(refused.text());
        assertThat(envelope.path("success").asBoolean(true)).isFalse();
        assertThat(envelope.at("/errors/0/code").asInt()).isEqualTo(10429);
        assertThat(envelope.path("result").isNull()).isTrue();
    }

    @Test
    void st05WhoseTokenIsRightGoesOnWorkingBesideTheGuesserAndElsewhere() {
        assertThat(api(client, TestServer.ADMIN_TOKEN).status()).isEqualTo(200);
        for (int i = 0; i < 3 * WRONG_PER_MINUTE; i++) {
            api(client, guess());
        }
        assertThat(api(client, guess()).status()).isEqualTo(429);
        assertThat(api(client, TestServer.ADMIN_TOKEN).status()).isEqualTo(200);
        assertThat(api("203.0.113.77", guess()).status())
                .as("another source, as the listed proxy tells it")
                .isEqualTo(401);
    }

    @Test
    void do04AddressesOfOneIpVersion6SubscriberAreOneSource() {
        for (int i = 0; i < WRONG_PER_MINUTE; i++) {
            assertThat(api("2001:db8:77:1::" + i, guess()).status()).isEqualTo(401);
        }
        assertThat(api("2001:db8:77:1:ffff::1", guess()).status()).isEqualTo(429);
        assertThat(api("2001:db8:77:2::1", guess()).status()).isEqualTo(401);
    }

    @Test
    void aRequestWithoutATokenIsNoGuess() {
        for (int i = 0; i < 3 * WRONG_PER_MINUTE; i++) {
            assertThat(send("GET /client/v4/accounts", "console.localhost", client, "\r\n")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void do04GuessesAtTheScimDoorAreToldToComeBackLater() {
        assertThat(scim(client, scimSecret).status()).isEqualTo(200);
        for (int i = 0; i < WRONG_PER_MINUTE; i++) {
            assertThat(scim(client, guess()).status()).isEqualTo(401);
        }
        RawHttp.Response refused = scim(client, guess());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.first("Retry-After")).isEqualTo("60");
        assertThat(refused.text()).contains("urn:ietf:params:scim:api:messages:2.0:Error", "\"429\"");
        assertThat(scim(client, scimSecret).status()).isEqualTo(200);
    }

    @Test
    void do04GuessesAtThePageThatApprovesTunnelLoginsAreCountedWithThose() {
        for (int i = 0; i < WRONG_PER_MINUTE; i++) {
            assertThat(approval(client, guess()).status()).isEqualTo(400);
        }
        RawHttp.Response refused = approval(client, guess());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.first("Retry-After")).isEqualTo("60");
        assertThat(refused.text()).contains("Too many");
        assertThat(api(client, guess()).status()).isEqualTo(429);
    }

    @Test
    void do04OneSourceThatWaitsForCertificatesLeavesPlacesToOthers() {
        List<RawHttp> waiting = new ArrayList<>();
        try {
            for (int i = 0; i <= TunnelLoginRoutes.OF_ONE_SOURCE; i++) {
                waiting.add(RawHttp.connect(server.port()).send(poll(client)));
            }
            List<RawHttp> answered = await("one too many to be told so")
                    .until(
                            () -> waiting.stream()
                                    .filter(each -> each.hasAnswer(Duration.ofMillis(50)))
                                    .toList(),
                            each -> !each.isEmpty());
            assertThat(answered).hasSize(1);
            RawHttp.Response refused = answered.getFirst().response();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.first("Retry-After")).isEqualTo("5");
            try (RawHttp other = RawHttp.connect(server.port()).send(poll("203.0.113.78"))) {
                assertThat(other.hasAnswer(Duration.ofMillis(500)))
                        .as("it is let in, and waits")
                        .isFalse();
            }
        } finally {
            waiting.forEach(RawHttp::close);
        }
    }

    private static String poll(String client) {
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        return "GET /argotunnel/" + Base64.getUrlEncoder().encodeToString(key)
                + " HTTP/1.1\r\nHost: console.localhost\r\nX-Forwarded-For: " + client + "\r\n\r\n";
    }

    @Test
    void thePortOfTheProbesHasNeitherOurPagesNorTheApi() {
        for (String path : List.of("/x", "/argotunnel", "/client/v4/accounts", "/scim/v2/Users")) {
            assertThat(RawHttp.exchange(
                                    server.managementPort(),
                                    "GET " + path + " HTTP/1.1\r\nHost: console.localhost\r\nConnection: close\r\n\r\n")
                            .status())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    @Test
    void guessesAreCountedForWhoeverWatches() {
        api(client, guess());
        String metrics = RawHttp.exchange(
                        server.managementPort(),
                        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .text();
        assertThat(metrics).contains("sallyport_wrong_credentials_total{door=\"api\",outcome=\"wrong\"");
    }
}
