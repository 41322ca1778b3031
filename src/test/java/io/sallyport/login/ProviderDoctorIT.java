package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SamlIdp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each way a provider can be set up wrongly is said in one sentence that names the remedy. */
class ProviderDoctorIT {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static LoginServer world;

    private FakeIdp idp;
    private String provider = "";

    @BeforeAll
    static void start() {
        world = LoginServer.shared();
    }

    @BeforeEach
    void open() {
        idp = FakeIdp.start();
    }

    @AfterEach
    void tidy() {
        idp.close();
        if (!provider.isEmpty()) {
            world.admin.delete("/access/identity_providers/" + provider);
        }
    }

    private JsonNode examine(String type, String config) {
        provider = world.admin
                .post(
                        "/access/identity_providers",
                        "{\"name\":\"Patient\",\"type\":\"%s\",\"config\":%s}".formatted(type, config))
                .get("id")
                .asString();
        await("the provider to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> examined().status() == 200);
        return examined().result();
    }

    private AdminClient.Answer examined() {
        return world.admin.call("POST", "/sallyport/doctor/identity_providers/" + provider, null);
    }

    private FakeIdp.Misbehaviour misbehave() {
        FakeIdp.Misbehaviour how = new FakeIdp.Misbehaviour();
        idp.misbehave(how);
        return how;
    }

    private static String oidc(String issuer, String client, String secret, String more) {
        return JSON.writeValueAsString(JSON.createObjectNode()
                        .put("client_id", client)
                        .put("client_secret", secret)
                        .put("issuer", issuer))
                .replaceFirst("}$", more + "}");
    }

    private static void assertSays(JsonNode examined, String check, String verdict, String... words) {
        JsonNode finding = examined.path("findings")
                .valueStream()
                .filter(each -> each.path("check").asString("").equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + check + " in " + examined));
        assertThat(finding.path("verdict").asString("")).as(finding.toString()).isEqualTo(verdict);
        for (String word : words) {
            assertThat(finding.path("sentence").asString("")).contains(word);
        }
        assertThat(examined.path("healthy").asBoolean(true))
                .isEqualTo(examined.path("findings")
                        .valueStream()
                        .noneMatch(each -> each.path("verdict").asString("").equals("failed")));
        assertThat(examined.toString()).doesNotContain(FakeIdp.SECRET);
    }

    @Test
    void aSoundProviderIsHealthyAndItsSetupIsSpelledOut() {
        JsonNode examined = examine("oidc", oidc(idp.issuer(), FakeIdp.CLIENT, FakeIdp.SECRET, ""));

        assertThat(examined.path("healthy").asBoolean(false))
                .as(examined.toString())
                .isTrue();
        assertSays(examined, "discovery", "ok", "/.well-known/openid-configuration");
        assertSays(examined, "keys", "ok", "1 of 1");
        assertSays(examined, "redirect_uri", "ok", world.url(TEAM, "/cdn-cgi/access/callback"));
        assertSays(examined, "client_secret", "ok", "accepts the client secret");
        assertThat(examined.at("/setup/redirect_url").asString())
                .isEqualTo(world.url(TEAM, "/cdn-cgi/access/callback"));
        assertThat(examined.at("/setup/scopes").toString()).isEqualTo("[\"openid\",\"email\",\"profile\"]");
        assertThat(idp.calls()).as("nobody was signed in").isEmpty();
    }

    @Test
    void aWrongSecretIsToldFromARightOne() {
        assertSays(
                examine("oidc", oidc(idp.issuer(), FakeIdp.CLIENT, "wrong", "")),
                "client_secret",
                "failed",
                "does not accept the client secret");
    }

    /** Entries written for other products name the three addresses and no issuer. */
    @Test
    void oi04_anEntryThatPinsNoIssuerIsFlaggedToTheAdmin() {
        String written = JSON.writeValueAsString(JSON.createObjectNode()
                .put("client_id", FakeIdp.CLIENT)
                .put("client_secret", FakeIdp.SECRET)
                .put("auth_url", idp.issuer() + "/authorize")
                .put("token_url", idp.issuer() + "/token")
                .put("certs_url", idp.issuer() + "/keys"));
        JsonNode examined = examine("oidc", written);
        assertSays(examined, "discovery", "warning", "pins no issuer", "set config.issuer");
        assertThat(examined.path("healthy").asBoolean(false))
                .as("people can sign in with it")
                .isTrue();
    }

    @Test
    void whyNobodyAnswersIsSaidInWordsOfAnAdmin() {
        JsonNode examined = examine("oidc", oidc("http://127.0.0.1:1", FakeIdp.CLIENT, FakeIdp.SECRET, ""));
        assertSays(examined, "discovery", "failed", "cannot be asked", "connection refused");
        assertThat(examined.toString()).doesNotContain("Exception", "netty");
    }

    @Test
    void whatTheProviderSaysOfARefusedSignInIsQuoted() {
        misbehave()
                .callback(back -> Map.of(
                        "error", "invalid_request", "error_description", "Missing parameter: code_challenge_method"));
        assertSays(
                examine("oidc", oidc(idp.issuer(), FakeIdp.CLIENT, FakeIdp.SECRET, "")),
                "redirect_uri",
                "failed",
                "invalid_request: Missing parameter: code_challenge_method",
                "PKCE");
    }

    @Test
    void anIssuerThatDiffersByASlashIsQuoted() {
        assertSays(
                examine("oidc", oidc(idp.issuer() + "/", FakeIdp.CLIENT, FakeIdp.SECRET, "")),
                "discovery",
                "failed",
                "calls itself \"" + idp.issuer() + "\"",
                "to the letter");
    }

    @Test
    void aProviderThatDoesNotAnswerIsUnreachableAndNothingElseIsSaid() {
        try (ClosedPort closed = ClosedPort.take()) {
            JsonNode examined =
                    examine("oidc", oidc("http://127.0.0.1:" + closed.number(), FakeIdp.CLIENT, FakeIdp.SECRET, ""));

            assertSays(examined, "discovery", "failed", "cannot be asked", "firewall");
            assertThat(examined.path("findings")).hasSize(1);
        }
    }

    @Test
    void oi08AnAddressThatLoginsMayNotGoToIsNotAskedEither() {
        assertSays(
                examine("oidc", oidc("https://169.254.169.254", FakeIdp.CLIENT, FakeIdp.SECRET, "")),
                "discovery",
                "failed",
                "cannot be asked");
    }

    @Test
    void keySetsThatAreEmptyOrNoneAreNamed() {
        misbehave().keys("{\"keys\":[]}");
        assertSays(
                examine("oidc", oidc(idp.issuer(), FakeIdp.CLIENT, FakeIdp.SECRET, "")),
                "keys",
                "failed",
                "publishes no keys");
        misbehave().keys("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}");
        assertSays(examined().result(), "keys", "failed", "None of the 1 keys");
        misbehave().keys("<html>");
        assertSays(examined().result(), "keys", "failed", "no JWK set");
    }

    /** A provider by hand: discovery, and an authorization endpoint of choice. */
    private static HttpServer byHand(String algorithms, int status, String location, String page) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String issuer = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/", exchange -> {
            boolean discovery = exchange.getRequestURI().getPath().startsWith("/.well-known");
            byte[] body = (discovery ? """
                              {"issuer":"%s","authorization_endpoint":"%s/auth","token_endpoint":"%s/token","jwks_uri":"%s/keys",
                               "id_token_signing_alg_values_supported":[%s]}""".formatted(issuer, issuer, issuer, issuer, algorithms) : page)
                    .getBytes(StandardCharsets.UTF_8);
            if (!discovery && !location.isEmpty()) {
                exchange.getResponseHeaders().set("Location", location);
            }
            exchange.sendResponseHeaders(discovery ? 200 : status, body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
        return server;
    }

    private JsonNode examineByHand(HttpServer server) {
        try {
            JsonNode found = examine(
                    "oidc",
                    oidc("http://127.0.0.1:" + server.getAddress().getPort(), FakeIdp.CLIENT, FakeIdp.SECRET, ""));
            world.admin.delete("/access/identity_providers/" + provider);
            provider = "";
            return found;
        } finally {
            server.stop(0);
        }
    }

    @Test
    void algorithmsThatNobodyHereVerifiesAreNamed() throws IOException {
        assertSays(
                examineByHand(byHand("\"HS256\",\"none\"", 200, "", "sign in")),
                "discovery",
                "failed",
                "HS256, none",
                "RS256");
        assertSays(examineByHand(byHand("\"ES256\"", 200, "", "sign in")), "discovery", "warning", "RS256");
    }

    @Test
    void aRedirectUriThatIsNotRegisteredIsReadFromPagesAndRedirects() throws IOException {
        String callback = world.url(TEAM, "/cdn-cgi/access/callback");
        assertSays(
                examineByHand(byHand("", 400, "", "<p>Invalid parameter: redirect_uri</p>")),
                "redirect_uri",
                "failed",
                "does not know the redirect URI",
                callback);
        assertSays(
                examineByHand(byHand("", 200, "", "AADSTS50011: The redirect URI specified does not match")),
                "redirect_uri",
                "failed",
                callback);
        assertSays(
                examineByHand(byHand("", 302, "/signin/oauth/error?authError=redirect_uri_mismatch", "")),
                "redirect_uri",
                "failed",
                callback);
        assertSays(
                examineByHand(byHand("", 302, callback + "?error=unauthorized_client&state=x", "")),
                "redirect_uri",
                "failed",
                "unauthorized_client");
        assertSays(
                examineByHand(byHand("", 302, callback + "?error=login_required&state=x", "")),
                "redirect_uri",
                "ok",
                callback);
        assertSays(
                examineByHand(byHand("", 400, "", "Client not found.")), "redirect_uri", "failed", "config.client_id");
        assertSays(examineByHand(byHand("", 302, "/login?next=1", "")), "redirect_uri", "ok", "sign-in page");
    }

    @Test
    void presetsAreExaminedAtTheirOwnEndpoints() {
        idp.at("/gh/auth", "/authorize").at("/gh/token", "/token").api("/gh/api/user", "{}");
        String config = """
                {"client_id":"%s","client_secret":%s,"auth_url":"%s/gh/auth","token_url":"%s/gh/token","api_url":"%s/gh/api"}""".formatted(
                FakeIdp.CLIENT, JSON.writeValueAsString(FakeIdp.SECRET), idp.issuer(), idp.issuer(), idp.issuer());

        JsonNode examined = examine("github", config);

        assertThat(examined.path("healthy").asBoolean(false))
                .as(examined.toString())
                .isTrue();
        assertSays(examined, "directory", "ok", "127.0.0.1");
        assertThat(examined.at("/setup/scopes").toString()).contains("read:org");
        assertThat(examined.at("/setup/what_to_do").asString()).contains("OAuth app");
        misbehave().token(200, "{\"error\":\"incorrect_client_credentials\"}");
        assertSays(examined().result(), "client_secret", "failed", "new one");
        misbehave().token(200, "{\"error\":\"bad_verification_code\"}");
        assertSays(examined().result(), "client_secret", "ok");
    }

    @Test
    void aSamlProviderShowsItsCertificatesEndAndWhetherItTakesRequests() throws IOException {
        HttpServer sso = byHand("", 400, "", "unknown requester");
        try {
            String address = "http://127.0.0.1:" + sso.getAddress().getPort() + "/sso";
            String config = JSON.writeValueAsString(JSON.createObjectNode()
                    .put("issuer_url", "https://idp.example")
                    .put("sso_target_url", address)
                    .set(
                            "idp_public_certs",
                            JSON.createArrayNode().add(SamlIdp.rsa().base64())));

            JsonNode examined = examine("saml", config);

            assertSays(examined, "sso_url", "failed", "entity id", world.url(TEAM, "/cdn-cgi/access/callback"));
            assertThat(examined.toString()).contains("\"check\":\"certificate\"");
            assertThat(examined.at("/setup/entity_id").asString())
                    .isEqualTo(world.url(TEAM, "/cdn-cgi/access/callback"));
        } finally {
            sso.stop(0);
        }
    }

    @Test
    void mailIsTriedUpToWhereAMessageWouldGo() {
        JsonNode examined = world.admin
                .get("/access/identity_providers?per_page=1000")
                .valueStream()
                .filter(each -> each.path("type").asString("").equals("onetimepin"))
                .findFirst()
                .map(each -> world.admin.post(
                        "/sallyport/doctor/identity_providers/" + each.get("id").asString(), "{}"))
                .orElseThrow();

        assertSays(examined, "mail", "ok", "Mail goes to 127.0.0.1");
    }

    @Test
    void everyTypeHasASetupOfItsOwn() {
        JsonNode setups = world.admin.get("/sallyport/doctor/identity_providers");

        assertThat(setups).hasSize(14);
        setups.forEach(each -> assertThat(each.path("what_to_do").asString(""))
                .as(each.toString())
                .isNotEmpty());
    }

    @Test
    void theGatewayExaminesItself() {
        JsonNode examined = world.admin.get("/sallyport/doctor");

        assertSays(examined, "database", "ok", "PostgreSQL answers");
        assertSays(examined, "clock", "ok");
        assertSays(examined, "forwarded", "ok", "not believed");
        assertThat(examined.path("issuer").asString()).isEqualTo(world.url(TEAM, ""));
        assertThat(examined.path("hosts").toString()).contains(LoginServer.WIKI);
    }
}
