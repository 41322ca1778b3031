package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.BuildSystem;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
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
    private static final String WIKI = "wiki.localhost";
    private static final String STAFF = "staff.localhost";

    private static FakeIdp prompt;
    private static TestServer server;
    private static String provider;
    private static String slow;
    private static String audience;

    @BeforeAll
    static void start() throws IOException {
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        builds = BuildSystem.start();
        server = TestServer.start(Map.of(
                "sallyport.trusted-proxies",
                "127.0.0.1",
                "sallyport.login.requests-per-minute",
                "" + A_MINUTE,
                "spring.mail.host",
                "127.0.0.1",
                "spring.mail.port",
                "" + silent.getLocalPort()));
        String nobody = "http://127.0.0.1:" + silent.getLocalPort() + "/keys";
        server.admin().post("/sallyport/workload_issuers", """
                {"name":"builds","issuer":"%s","jwks_url":"%s","audience":"%s"}""".formatted(builds.issuer(), nobody, AUDIENCE));
        provider = server.admin()
                .post("/access/identity_providers", """
                {"name":"Silent","type":"oidc","config":{"client_id":"a","client_secret":"b","auth_url":"%1$s",
                 "token_url":"%1$s","certs_url":"%1$s?again"}}""".formatted(nobody))
                .get("id")
                .asString();
        slow = server.admin()
                .post("/access/identity_providers", """
                {"name":"Slow","type":"oidc","config":{"client_id":"a","client_secret":"b","issuer":"%s"}}""".formatted(nobody.replace("/keys", "")))
                .get("id")
                .asString();
        prompt = FakeIdp.start();
        String fast = server.admin()
                .post("/access/identity_providers", """
                {"name":"Prompt","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s"}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, prompt.issuer()))
                .get("id")
                .asString();
        audience = server.admin()
                .post("/access/apps", """
                {"type":"self_hosted","name":"Wiki","domain":"%s","allowed_idps":["%s","%s"],
                 "policies":[{"name":"Staff","decision":"allow","include":[{"everyone":{}}]}]}""".formatted(WIKI, slow, fast))
                .get("aud")
                .asString();
        String mail = server.admin()
                .post("/access/identity_providers", "{\"name\":\"Mail\",\"type\":\"onetimepin\",\"config\":{}}")
                .get("id")
                .asString();
        server.admin().post("/access/apps", """
                {"type":"self_hosted","name":"Staff","domain":"%s","allowed_idps":["%s"],
                 "policies":[{"name":"Staff","decision":"allow","include":[{"email_domain":{"domain":"example.com"}}]}]}""".formatted(STAFF, mail));
        await("all to be known").atMost(Duration.ofSeconds(20)).until(LoginRoomsIT::areKnown);
    }

    private static boolean areKnown() {
        return server.context()
                                .getBean(io.sallyport.snapshot.SnapshotHolder.class)
                                .current()
                        instanceof io.sallyport.snapshot.Snapshot snapshot
                && !snapshot.workloads().byIssuer().isEmpty()
                && snapshot.applications()
                        .find(io.sallyport.http.HostName.parse(STAFF).orElseThrow(), "/")
                        .isPresent();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        builds.close();
        prompt.close();
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

    /** Whom nothing is known of is asked by one visitor for all, and more than so many do not wait for that. */
    @Test
    void do05AProviderThatDoesNotAnswerKeepsNobodyFromSigningInElsewhere() {
        List<RawHttp> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < Providers.WAITING_FOR_ONE + 20; i++) {
                waiting.add(login(slow, "198.18.%d.%d".formatted(i / 200, i % 200 + 1)));
            }
            RawHttp.Response refused = await("some to be told not to wait")
                    .atMost(Duration.ofSeconds(8))
                    .until(
                            () -> waiting.stream()
                                    .filter(each -> each.hasAnswer(Duration.ofMillis(1)))
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow()
                    .response();
            assertThat(refused.status()).isEqualTo(502);
            assertThat(refused.text()).contains("Slow is slow just now");
            try (RawHttp other = login(prompt(), "203.0.113.77")) {
                assertThat(other.response().first("Location")).startsWith(prompt.issuer());
            }
            assertThat(waiting.stream().filter(each -> !each.hasAnswer(Duration.ofMillis(1))))
                    .as("beside the one that was refused, who still wait for the one that does not answer")
                    .hasSizeGreaterThan(1);
        } finally {
            waiting.forEach(RawHttp::close);
        }
    }

    /** The mail server does not even greet, so whoever waited for it would wait for long. */
    @Test
    void ot01AnAddressThatIsSentACodeIsAnsweredAsFastAsOneThatIsNot() {
        List<Long> sent = new ArrayList<>();
        List<Long> notSent = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            sent.add(asked("person" + i + "@example.com", "198.51.101." + (i + 1)));
            notSent.add(asked("person" + i + "@stranger.example", "198.51.102." + (i + 1)));
        }
        long slack = Duration.ofMillis(20).toNanos();
        assertThat(median(sent)).isLessThan(2 * median(notSent) + slack);
        assertThat(median(notSent)).isLessThan(2 * median(sent) + slack);
    }

    private static long median(List<Long> times) {
        return times.stream().sorted().toList().get(times.size() / 2);
    }

    /** Nanoseconds until the page said that a code is on its way. */
    private static long asked(String address, String from) {
        Visitor visitor = new Visitor().header("X-Forwarded-For", from);
        Visitor.Answer page = visitor.open(server.url(STAFF, "/"));
        Map<String, String> form = Map.of("form", page.field("form"), "email", address);
        long start = System.nanoTime();
        Visitor.Answer answer = visitor.post(server.url("auth.localhost", "/cdn-cgi/access/pin/send"), form);
        long took = System.nanoTime() - start;
        assertThat(answer.status()).isEqualTo(303);
        return took;
    }

    private static String prompt() {
        return server.admin()
                .get("/access/identity_providers")
                .valueStream()
                .filter(each -> each.path("name").asString("").equals("Prompt"))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asString();
    }

    private static RawHttp login(String with, String client) {
        return RawHttp.connect(server.port())
                .send("GET /cdn-cgi/access/login/" + WIKI + "?kid=" + audience + "&redirect_url=%2F&idp=" + with
                        + " HTTP/1.1\r\nHost: auth.localhost\r\nX-Forwarded-For: " + client
                        + "\r\nAccept: application/json\r\n\r\n");
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
