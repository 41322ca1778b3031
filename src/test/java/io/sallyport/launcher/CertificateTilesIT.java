package io.sallyport.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestClientAuthority.Issued;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client certificate from sign-in to record: the tiles it opens, what get-identity says of it, and what a replay makes of it. */
class CertificateTilesIT {
    private static final String TEAM = "auth.localhost";
    private static final String LAB = "lab.localhost";
    private static final String ROBOTS = "robots.localhost";
    private static final TestClientAuthority DEVICES = TestClientAuthority.rootLike("Devices")
            .until(InstantSource.system().instant().plus(Duration.ofDays(400)))
            .authority();

    private static FakeIdp idp;
    private static SampleSite site;
    private static TestServer server;
    private static AdminClient admin;
    private static String robots;

    @BeforeAll
    static void start() {
        idp = FakeIdp.start();
        site = SampleSite.start();
        server = TestServer.start(
                Map.of("sallyport.trusted-proxies", "127.0.0.1", "sallyport.client-certificate.header", "Client-Cert"));
        admin = server.admin();
        admin.post("/access/identity_providers", """
                        {"name":"Fake","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s",
                         "pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, idp.issuer()));
        for (String host : new String[] {LAB, ROBOTS}) {
            admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, site.url()));
        }
        admin.post("/access/certificates", """
                {"name":"Devices","certificate":"%s","associated_hostnames":["%s","%s"]}""".formatted(DEVICES.pem().replace("\n", "\\n"), LAB, ROBOTS));
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"Laboratory","domain":"%s","policies":[{"name":"Staff with a laptop of ours",
                 "decision":"allow","include":[{"email_domain":{"domain":"example.com"}}],"require":[{"common_name":{"common_name":"laptop-7"}}]}]}""".formatted(LAB));
        robots = admin.post("/access/policies", """
                {"name":"Robots","decision":"non_identity","include":[{"certificate":{}}]}""").get("id").asString();
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"Robots","domain":"%s","policies":["%s"]}""".formatted(ROBOTS, robots));
        admin.post("/access/apps", """
                {"type":"app_launcher","name":"Portal","skip_app_launcher_login_page":true,"policies":[{"name":"Staff","decision":"allow",
                 "include":[{"email_domain":{"domain":"example.com"}}]}]}""");
        await("the applications to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() ->
                        with(DEVICES.client("x").issue()).get(url(ROBOTS, "/")).status() == 200
                                && new Visitor().get(url(TEAM, "/")).status() == 302);
    }

    @AfterAll
    static void stop() {
        server.close();
        idp.close();
        site.close();
    }

    private static String url(String host, String path) {
        return server.url(host, path);
    }

    /** A browser behind the listed proxy, which saw this certificate. */
    private static Visitor with(Issued certificate) {
        return new Visitor().header("Client-Cert", ":" + certificate.der() + ":");
    }

    private static Visitor signIn(Visitor who) {
        Answer methods = who.open(url(TEAM, "/"));
        Answer portal = methods.body().contains("Continue with Fake")
                ? who.follow(who.get(url(TEAM, methods.link("Continue with Fake"))))
                : methods;
        assertThat(portal.body()).contains("Your applications");
        return who;
    }

    @Test
    void aTileIsShownToWhoShowsTheCertificateItsApplicationAsksFor() {
        Visitor ada = signIn(with(DEVICES.client("laptop-7").issue()));
        assertThat(ada.get(url(TEAM, "/")).body()).contains("Laboratory");
        assertThat(ada.open(url(LAB, "/")).status()).isEqualTo(200);
        assertThat(ada.header("Client-Cert", "").get(url(TEAM, "/")).body())
                .as("every visit is judged by what it carries itself")
                .doesNotContain("Laboratory");
    }

    @Test
    void st06_anotherCertificateOrNoneShowsNoTile() {
        assertThat(signIn(new Visitor()).get(url(TEAM, "/")).body()).doesNotContain("Laboratory");
        Visitor other = signIn(with(DEVICES.client("laptop-8").issue()));
        assertThat(other.get(url(TEAM, "/")).body()).doesNotContain("Laboratory");
        Issued stranger = TestClientAuthority.root("Devices").client("laptop-7").issue();
        assertThat(signIn(with(stranger)).get(url(TEAM, "/")).body()).doesNotContain("Laboratory");
        assertThat(with(stranger).get(url(LAB, "/")).status()).isEqualTo(403);
    }

    private static JsonNode identity(Visitor who, String host) {
        Answer answer = who.get(url(host, "/cdn-cgi/access/get-identity"));
        assertThat(answer.status()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    @Test
    void getIdentityTellsThePersonsCertificateAsThisRequestShowedIt() {
        Issued laptop = DEVICES.client("laptop-7").issue();
        Visitor ada = signIn(with(laptop));
        assertThat(ada.open(url(LAB, "/")).status()).isEqualTo(200);

        JsonNode identity = identity(ada, LAB);
        assertThat(identity.at("/email").asString()).isEqualTo("ada@example.com");
        assertThat(identity.at("/common_name").asString()).isEqualTo("laptop-7");
        JsonNode shown = identity.at("/mtls_auth");
        assertThat(shown.at("/auth_status").asString()).isEqualTo("SUCCESS");
        assertThat(shown.at("/cert_presented").asBoolean()).isTrue();
        assertThat(shown.at("/cert_issuer_dn").asString()).isEqualTo("CN=Devices");
        assertThat(shown.at("/cert_serial").asString())
                .isEqualTo(laptop.certificate().getSerialNumber().toString(16));
        assertThat(shown.at("/cert_issuer_ski").asString()).matches("[0-9a-f]{40}");

        JsonNode onTheTeamDomain = identity(ada, TEAM).at("/mtls_auth");
        assertThat(onTheTeamDomain.at("/auth_status").asString()).isEqualTo("NONE");
        assertThat(onTheTeamDomain.at("/cert_presented").asBoolean()).isFalse();
    }

    @Test
    void getIdentityTellsWhomACertificateAloneLetIn() {
        Issued robot = DEVICES.client("robot-3").issue();
        Visitor program = with(robot);
        assertThat(program.get(url(ROBOTS, "/x")).status()).isEqualTo(200);

        JsonNode identity = identity(program, ROBOTS);
        assertThat(identity.at("/common_name").asString()).isEqualTo("robot-3");
        assertThat(identity.at("/email").asString()).isEmpty();
        assertThat(identity.at("/mtls_auth/auth_status").asString()).isEqualTo("SUCCESS");
        assertThat(identity.at("/mtls_auth/cert_serial").asString())
                .isEqualTo(robot.certificate().getSerialNumber().toString(16));
    }

    @Test
    void aReplayDecidesByTheCertificateThatWasShown() {
        Visitor robot = with(DEVICES.client("robot-9").issue());
        assertThat(robot.get(url(ROBOTS, "/job")).status()).isEqualTo(200);
        await("the decision").atMost(Duration.ofSeconds(30)).until(() -> recorded("robot-9") != null);
        JsonNode record = recorded("robot-9");
        assertThat(record.at("/who/certificate_thumbprint").asString()).matches("[A-Za-z0-9_-]{43}");
        assertThat(record.at("/session").asString()).isEqualTo("certificate");

        JsonNode unchanged = admin.post("/sallyport/replay", "{}");
        assertThat(unchanged.at("/decisions/lose").asInt()).isZero();
        assertThat(unchanged.at("/decisions/gain").asInt()).isZero();

        JsonNode narrowed = replay("robot-9");
        assertThat(names(narrowed.at("/lose"))).doesNotContain("client certificate robot-9");
        JsonNode closed = replay("robot-10");
        assertThat(names(closed.at("/lose"))).contains("client certificate robot-9");
    }

    /** What if only the one of that name were let in? */
    private static JsonNode replay(String commonName) {
        return admin.post("/sallyport/replay", """
                {"examples":1000,"policies":[{"id":"%s","name":"Robots","decision":"non_identity",
                 "include":[{"common_name":{"common_name":"%s"}}]}]}""".formatted(robots, commonName));
    }

    private static List<String> names(JsonNode effect) {
        return effect.get("examples")
                .valueStream()
                .map(each -> each.get("who").asString())
                .toList();
    }

    private static JsonNode recorded(String commonName) {
        return admin.get("/sallyport/decisions?outcome=allowed&app=" + ROBOTS)
                .valueStream()
                .filter(each ->
                        each.at("/who/certificate_common_name").asString("").equals(commonName))
                .findFirst()
                .orElse(null);
    }
}
