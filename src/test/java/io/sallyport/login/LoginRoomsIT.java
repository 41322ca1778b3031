package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.BuildSystem;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * DO-04, DO-05: what strangers can make wait, for the keys of a server that does not answer, has places of its own, and one source has
 * only some of them.
 */
class LoginRoomsIT {
    private static final String AUDIENCE = "https://sallyport.example.com";

    private static final int A_MINUTE = 20;

    private static ServerSocket silent;
    private static BuildSystem builds;
    private static TestServer server;
    private static String provider;

    @BeforeAll
    static void start() throws IOException {
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        builds = BuildSystem.start();
        server = TestServer.start(
                Map.of("sallyport.trusted-proxies", "127.0.0.1", "sallyport.login.requests-per-minute", "" + A_MINUTE));
        String nobody = "http://127.0.0.1:" + silent.getLocalPort() + "/keys";
        server.admin().post("/sallyport/workload_issuers", """
                {"name":"builds","issuer":"%s","jwks_url":"%s","audience":"%s"}""".formatted(builds.issuer(), nobody, AUDIENCE));
        provider = server.admin()
                .post("/access/identity_providers", """
                {"name":"Silent","type":"oidc","config":{"client_id":"a","client_secret":"b","auth_url":"%1$s",
                 "token_url":"%1$s","certs_url":"%1$s?again"}}""".formatted(nobody))
                .get("id")
                .asString();
        await("both to be known").atMost(Duration.ofSeconds(20)).until(LoginRoomsIT::areKnown);
    }

    private static boolean areKnown() {
        return server.context()
                                .getBean(io.sallyport.snapshot.SnapshotHolder.class)
                                .current()
                        instanceof io.sallyport.snapshot.Snapshot snapshot
                && !snapshot.workloads().byIssuer().isEmpty()
                && snapshot.identityProviders().values().stream()
                        .anyMatch(each -> each.name().equals("Silent"));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        builds.close();
        silent.close();
    }

    private static RawHttp post(String path, String form, String client) {
        return RawHttp.connect(server.port())
                .send("POST " + path + " HTTP/1.1\r\nHost: auth.localhost\r\nX-Forwarded-For: " + client
                        + "\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                        + form.length() + "\r\n\r\n" + form);
    }

    private static void assertThatOneSourceLeavesPlacesToOthers(String path, String form) {
        List<RawHttp> waiting = new ArrayList<>();
        try {
            for (int i = 0; i <= Visits.APART_OF_ONE_SOURCE; i++) {
                waiting.add(post(path, form, "198.51.100.1"));
            }
            RawHttp refused = await("one too many to be told so")
                    .until(
                            () -> waiting.stream()
                                    .filter(each -> each.hasAnswer(Duration.ofMillis(20)))
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow();
            RawHttp.Response response = refused.response();
            assertThat(response.status()).as(response.text()).isEqualTo(503);
            assertThat(response.first("Retry-After")).isEqualTo("5");
            try (RawHttp other = post(path, form, "203.0.113.1")) {
                RawHttp.Response answer = other.response();
                assertThat(answer.status())
                        .as("let in, and told in the end that nobody vouches: " + answer.text())
                        .isIn(400, 502);
            }
        } finally {
            waiting.forEach(RawHttp::close);
        }
    }

    @Test
    void do04ForeignTokensThatAreExchanged() {
        String token = builds.token(AUDIENCE, claims -> claims);
        assertThatOneSourceLeavesPlacesToOthers(
                TokenExchange.PATH,
                "grant_type=" + encoded(TokenExchange.GRANT) + "&subject_token=" + token + "&subject_token_type="
                        + encoded("urn:ietf:params:oauth:token-type:jwt") + "&audience=x");
    }

    @Test
    void do04LogoutTokens() {
        assertThatOneSourceLeavesPlacesToOthers("/cdn-cgi/access/backchannel-logout/" + provider, "logout_token=a.b.c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/cdn-cgi/access/pin", "/cdn-cgi/access/pin/send", "/cdn-cgi/access/callback"})
    void do04ASourceThatAskedTooOftenIsToldSoBeforeItsFormIsRead(String path) {
        List<RawHttp> forms = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * A_MINUTE; i++) {
                forms.add(begin(path, "198.51.100." + path.length()));
            }
            RawHttp.Response refused = await("one to be told so, although nothing of any form has come")
                    .atMost(Visits.SLOWEST_FORM.dividedBy(2))
                    .until(
                            () -> forms.stream()
                                    .filter(each -> each.hasAnswer(Duration.ofMillis(20)))
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow()
                    .response();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.first("Retry-After")).isEqualTo("60");
            try (RawHttp other = begin(path, "203.0.113.9")) {
                assertThat(other.hasAnswer(Duration.ofMillis(300)))
                        .as("of whom a form is waited for")
                        .isFalse();
            }
        } finally {
            forms.forEach(RawHttp::close);
        }
    }

    /** A form of which nothing comes. */
    private static RawHttp begin(String path, String client) {
        return RawHttp.connect(server.port())
                .send("POST " + path + " HTTP/1.1\r\nHost: auth.localhost\r\nX-Forwarded-For: " + client
                        + "\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: 1000\r\n\r\n");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
