package io.sallyport;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.Chromium;
import io.sallyport.testkit.Outbox;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The whole product as a new user meets it: a stranger is stopped, a colleague signs in with a real browser, the origin knows who it
 * is, and a changed policy acts on the next request.
 */
class FirstLightIT {
    private static TestServer server;
    private static SampleSite site;
    private static AdminClient admin;
    private static Outbox outbox;
    private static String policyId;
    private static String audience;

    @BeforeAll
    static void start() throws Exception {
        Path data = Files.createTempDirectory("sallyport-first-light");
        outbox = new Outbox(data.resolve("outbox"));
        server = TestServer.start(
                data, Map.of("sallyport.mail.outbox", data.resolve("outbox").toString()));
        site = SampleSite.start();
        admin = server.admin();
        admin.post("/access/identity_providers", "{\"name\":\"Mail\",\"type\":\"onetimepin\",\"config\":{}}");
        policyId =
                admin.post("/access/policies", policy("example.com")).get("id").asString();
        for (String host : new String[] {"wiki.localhost", "chat.localhost"}) {
            admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, site.url()));
            audience = admin.post(
                            "/access/apps",
                            "{\"type\":\"self_hosted\",\"name\":\"%s\",\"domain\":\"%s\",\"policies\":[\"%s\"]}"
                                    .formatted(host, host, policyId))
                    .get("aud")
                    .asString();
        }
        await("the last application to be known")
                .until(() ->
                        new Visitor().get(server.url("chat.localhost", "/")).status() == 302);
    }

    @AfterAll
    static void stop() {
        server.close();
        site.close();
    }

    @Test
    void aColleagueSignsInOnceAndThePolicyActsOnTheNextRequest() throws Exception {
        try (BrowserContext context =
                Chromium.shared().newContext(new Browser.NewContextOptions().setJavaScriptEnabled(false))) {
            Page page = context.newPage();
            page.navigate(server.url("wiki.localhost", "/docs/start?tab=2"));
            assertThat(page.url()).startsWith(server.url("auth.localhost", "/cdn-cgi/access/login/wiki.localhost"));
            assertThat(site.visits()).as("the stranger was stopped").isEmpty();

            page.getByLabel("Email address").fill("ada@example.com");
            page.getByText("Email me a code").click();
            page.getByLabel("-digit code").fill(outbox.pin("ada@example.com", 1));
            page.getByText("Sign in").last().click();

            assertThat(page).hasURL(server.url("wiki.localhost", "/docs/start?tab=2"));
            assertThat(page.getByText("You are at /docs/start?tab=2")).isVisible();
            SampleSite.Visit visit = site.lastVisitTo("/docs/start?tab=2");
            assertThat(visit.headers().getFirst("Cf-Access-Authenticated-User-Email"))
                    .isEqualTo("ada@example.com");

            page.navigate(server.url("chat.localhost", "/"));
            assertThat(page).hasURL(server.url("chat.localhost", "/"));
            JWTClaimsSet claims =
                    verifyWithAStockLibrary(site.lastVisitTo("/").headers().getFirst("Cf-Access-Jwt-Assertion"));
            assertThat(claims.getStringClaim("email")).isEqualTo("ada@example.com");

            admin.put("/access/policies/" + policyId, policy("elsewhere.example"));
            await("the changed policy to refuse")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> status(page.navigate(server.url("wiki.localhost", "/docs/until-refused"))) == 403);
            assertThat(status(page.navigate(server.url("wiki.localhost", "/docs/refused"))))
                    .isEqualTo(403);
            assertThat(page.locator("body")).containsText("ada@example.com");
            assertThat(site.visits()).noneMatch(each -> each.pathAndQuery().equals("/docs/refused"));

            admin.put("/access/policies/" + policyId, policy("example.com"));
            await("the restored policy to admit without a new login")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> status(page.navigate(server.url("wiki.localhost", "/docs/again"))) == 200);
            assertThat(page).hasURL(server.url("wiki.localhost", "/docs/again"));

            page.navigate(server.url("wiki.localhost", "/cdn-cgi/access/logout"));
            page.navigate(server.url("chat.localhost", "/after-logout"));
            assertThat(page.url()).contains("/cdn-cgi/access/login/chat.localhost");
        }
    }

    private static int status(Response response) {
        return response == null ? 0 : response.status();
    }

    private static String policy(String domain) {
        return "{\"name\":\"Staff\",\"decision\":\"allow\",\"include\":[{\"email_domain\":{\"domain\":\"%s\"}}]}"
                .formatted(domain);
    }

    /** What an origin in Java would do, with Nimbus alone. */
    private static JWTClaimsSet verifyWithAStockLibrary(String assertion) throws Exception {
        JWKSet keys = JWKSet.parse(http(server.port(), "auth.localhost", "/cdn-cgi/access/certs"));
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, new ImmutableJWKSet<>(keys)));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                audience,
                new JWTClaimsSet.Builder()
                        .issuer(server.url("auth.localhost", ""))
                        .build(),
                Set.of("sub", "iat", "exp")));
        return processor.process(assertion, null);
    }

    /** A GET with a Host of our choosing; names under localhost need not resolve here. */
    private static String http(int port, String host, String path) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
                            .formatted(path, host, port)
                            .getBytes());
            String answer = new String(socket.getInputStream().readAllBytes());
            return answer.substring(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
        }
    }
}
