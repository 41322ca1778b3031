package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.saml.Certificates;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.SamlIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import tools.jackson.databind.json.JsonMapper;

/** SAML through two replicas of the whole server, with a provider that signs what each test wants. */
class SamlSignInIT {
    private static final String TEAM = "auth.localhost";
    private static final String WIKI = "wiki.localhost";
    private static final String SSO = "https://idp.example.com/sso?tenant=1";
    private static final String CALLBACK_PATH = "/cdn-cgi/access/callback";
    private static final SamlIdp IDP = SamlIdp.rsa();
    private static final SamlIdp OTHER = SamlIdp.rsa();

    private static TestServer first;
    private static TestServer second;
    private static SampleSite site;
    private static AdminClient admin;
    private static String provider;

    private final Visitor visitor = new Visitor();

    @BeforeAll
    static void start() {
        Map<String, String> settings = Map.of("sallyport.login.requests-per-minute", "5000");
        first = TestServer.start(settings);
        Map<String, String> beside = new HashMap<>(settings);
        beside.put("sallyport.public-port", String.valueOf(first.port()));
        second = first.beside(beside);
        site = SampleSite.start();
        admin = first.admin();
        provider = create("Corporate", """
                "issuer_url":"%s","sso_target_url":"%s","idp_public_certs":["%s"],"attributes":["department","groups"],
                "header_attributes":[{"attribute_name":"department","header_name":"X-Department"}]""".formatted(SamlIdp.ISSUER, SSO, IDP.base64()));
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(WIKI, site.url()));
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"Wiki","domain":"%s","policies":[
                  {"name":"Research","decision":"allow","precedence":1,"include":[
                    {"saml":{"identity_provider_id":"%s","attribute_name":"department","attribute_value":"research"}},
                    {"email":{"email":"eve@example.com"}}]}]}""".formatted(WIKI, provider));
        await("the application to be known everywhere")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(first.url(WIKI, "/")).status() == 302
                        && new Visitor().get(second.url(WIKI, "/")).status() == 302);
    }

    @AfterAll
    static void stop() {
        second.close();
        first.close();
        site.close();
    }

    private static String create(String name, String config) {
        return admin.post(
                        "/access/identity_providers",
                        "{\"name\":\"%s\",\"type\":\"saml\",\"config\":{%s}}".formatted(name, config))
                .get("id")
                .asString();
    }

    private static String callback() {
        return first.url(TEAM, CALLBACK_PATH);
    }

    /** A login that has been sent to the provider. */
    private record Asked(String url, Element request, String relayState) {
        String id() {
            return request.getAttribute("ID");
        }
    }

    private Asked ask(String link, String path) {
        Answer page = visitor.open(first.url(WIKI, path));
        Answer redirect = visitor.get(first.url(TEAM, page.link("Continue with " + link)));
        assertThat(redirect.status()).isEqualTo(302);
        String url = redirect.header("location");
        return new Asked(url, inflate(parameter(url, "SAMLRequest")), parameter(url, "RelayState"));
    }

    private Answer answer(SamlIdp.Response response, String relayState) {
        return visitor.follow(post(first, response.encoded(), relayState));
    }

    private Answer post(TestServer replica, String response, String relayState) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("SAMLResponse", response);
        if (relayState != null) {
            form.put("RelayState", relayState);
        }
        return visitor.post(replica.url(TEAM, CALLBACK_PATH), form);
    }

    @Test
    void aPersonSignsInAndTheOriginIsToldTheAttribute() {
        Asked asked = ask("Corporate", "/docs?x=1");
        assertThat(asked.url()).startsWith(SSO + "&SAMLRequest=");
        assertThat(asked.request().getAttribute("AssertionConsumerServiceURL")).isEqualTo(callback());

        Answer page = answer(IDP.response(callback(), asked.id(), Instant.now()), asked.relayState());

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.url()).isEqualTo(first.url(WIKI, "/docs?x=1"));
        var headers = site.lastVisitTo("/docs?x=1").headers();
        assertThat(headers.getFirst("Cf-Access-Authenticated-User-Email")).isEqualTo("ada@example.com");
        assertThat(headers.get("X-Department")).containsExactly("research");
        Answer identity = visitor.get(first.url(WIKI, "/cdn-cgi/access/get-identity"));
        assertThat(identity.body())
                .contains("\"saml_attributes\":{", "\"department\":\"research\"", "\"type\":\"saml\"")
                .doesNotContain("oidc_fields");
    }

    @Test
    void anAppPassTellsTheOriginTheAttributeToo() {
        String dav = "saml-dav.localhost";
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(dav, site.url()));
        String app = admin.post("/access/apps", """
                        {"type":"self_hosted","name":"Calendar","domain":"%s","sallyport_app_passes":{"enabled":true},"policies":[
                          {"name":"All","decision":"allow","precedence":1,"include":[
                            {"email":{"email":"ada@example.com"}}]}]}""".formatted(dav)).get("id").asString();
        Asked asked = ask("Corporate", "/before-the-pass");
        answer(IDP.response(callback(), asked.id(), Instant.now()), asked.relayState());
        await("the application to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> visitor.open(first.url(dav, "/")).status() == 200);
        String token = visitor.get(first.url(TEAM, "/account")).field("token");
        Answer made = visitor.post(
                first.url(TEAM, "/account/make-app-pass"),
                Map.of("token", token, "app", app, "name", "Phone", "days", "30"));
        String secret = made.body().replaceAll("(?s).*>(spass_[A-Za-z0-9_-]{43})<.*", "$1");
        Visitor phone = new Visitor().header("Authorization", "Bearer " + secret);

        await("the pass to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> phone.get(first.url(dav, "/by-pass")).status() == 200);

        assertThat(site.lastVisitTo("/by-pass").headers().get("X-Department")).containsExactly("research");
    }

    @Test
    void aClientsOwnSpellingOfAnAttributeHeaderNeverReachesTheOrigin() {
        Asked asked = ask("Corporate", "/forged");
        visitor.header("x-department", "board")
                .header("X-Department", "board")
                .header("X.Department", "board"); // CGI would make one of both
        answer(IDP.response(callback(), asked.id(), Instant.now()), asked.relayState());
        var headers = site.lastVisitTo("/forged").headers();
        assertThat(headers.get("X-Department")).containsExactly("research");
        assertThat(headers.get("X.Department")).isNull();
    }

    @Test
    void whoHasAnotherAttributeIsKeptOut() {
        Asked asked = ask("Corporate", "/kept-out");
        Answer page = answer(
                IDP.response(callback(), asked.id(), Instant.now()).attribute("department", "sales"),
                asked.relayState());
        assertThat(page.status()).isEqualTo(403);
        assertThat(page.body()).contains("ada@example.com");
        assertThat(site.visits()).noneMatch(visit -> visit.pathAndQuery().equals("/kept-out"));
    }

    @Test
    void sa08AnAnswerInAnotherBrowserOrToAnotherRequestIsRefused() {
        Asked asked = ask("Corporate", "/");
        String good = IDP.response(callback(), asked.id(), Instant.now()).encoded();
        Visitor stranger = new Visitor();
        assertThat(stranger.post(callback(), Map.of("SAMLResponse", good, "RelayState", asked.relayState()))
                        .status())
                .isEqualTo(400);
        Answer other = answer(IDP.response(callback(), "_another", Instant.now()), asked.relayState());
        assertThat(other.status()).isEqualTo(400);
        assertThat(other.body()).contains("The provider&#39;s answer could not be verified.");
    }

    @Test
    void sa08WithoutARequestNothingIsTakenUnlessTheProviderEntrySaysSo() {
        Answer refused = answer(IDP.response(callback(), null, Instant.now()), first.url(WIKI, "/"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(visitor.cookie(TEAM, "CF_Authorization")).isEmpty();
    }

    @Test
    void sa10AnAnswerWorksOnceOnAllReplicas() {
        Asked asked = ask("Corporate", "/once");
        String good = IDP.response(callback(), asked.id(), Instant.now()).encoded();
        Visitor thief = visitor.copy();
        assertThat(post(first, good, asked.relayState()).status()).isEqualTo(303);
        Answer again = thief.post(
                second.url(TEAM, CALLBACK_PATH), Map.of("SAMLResponse", good, "RelayState", asked.relayState()));
        assertThat(again.status()).isEqualTo(400);
        assertThat(again.setCookie("CF_Authorization")).isEmpty();
    }

    @Test
    void sa10OfManyWhoPostOneAnswerAtBothReplicasAtOnceOneIsIn() throws Exception {
        Asked asked = ask("Corporate", "/at-once");
        Map<String, String> form = Map.of(
                "SAMLResponse",
                IDP.response(callback(), asked.id(), Instant.now()).encoded(),
                "RelayState",
                asked.relayState());
        List<Future<Answer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                Visitor copy = visitor.copy();
                TestServer replica = i % 2 == 0 ? first : second;
                answers.add(threads.submit(() -> copy.post(replica.url(TEAM, CALLBACK_PATH), form)));
            }
        }
        int in = 0;
        for (Future<Answer> answer : answers) {
            in += answer.get().setCookie("CF_Authorization").isPresent() ? 1 : 0;
        }
        assertThat(in).isEqualTo(1);
    }

    @Test
    void sa10AnAssertionIdWorksOnceEvenForAnotherLogin() {
        Asked one = ask("Corporate", "/one");
        answer(IDP.response(callback(), one.id(), Instant.now()).assertionId("_same"), one.relayState());
        forget();
        Asked two = ask("Corporate", "/two");
        Answer refused =
                answer(IDP.response(callback(), two.id(), Instant.now()).assertionId("_same"), two.relayState());
        assertThat(refused.status()).isEqualTo(400);
    }

    @Test
    void sa11AProvidersResponseDoesNotCompleteALoginBegunWithAnother() {
        create("Elsewhere", """
                "issuer_url":"https://other.example.com","sso_target_url":"https://other.example.com/sso",
                "idp_public_certs":["%s"]""".formatted(OTHER.base64()));
        await("the provider to be offered")
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor().open(first.url(WIKI, "/")).body().contains("Elsewhere"));
        Asked asked = ask("Elsewhere", "/");
        Answer refused = answer(IDP.response(callback(), asked.id(), Instant.now()), asked.relayState());
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("could not be verified");
    }

    @Test
    void sa11RelayStateOfALoginBegunAtTheProviderLeadsOnlyToApplicationsOfOurs() {
        String portal = create(
                "Portal",
                """
                "issuer_url":"https://portal.example.com","sso_target_url":"https://portal.example.com/sso",
                "idp_public_certs":["%s"],"allow_idp_initiated":true,"email_attribute_name":"email",""".formatted(OTHER.base64()) + "\"idp_initiated_target\":\"" + first.url(WIKI, "/from-portal") + "\"");
        String metadata = "/cdn-cgi/access/" + portal + "/saml-metadata";
        await("the provider to be known on both")
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor().get(first.url(TEAM, metadata)).status() == 200
                        && new Visitor().get(second.url(TEAM, metadata)).status() == 200);
        for (String evil : new String[] {
            "https://evil.example/",
            "//evil.example/",
            "javascript:alert(1)",
            "https://" + WIKI + "@evil.example/",
            "/x",
            ""
        }) {
            Visitor fresh = new Visitor();
            Answer landed = fresh.follow(
                    fresh.post(callback(), Map.of("SAMLResponse", unsolicited().encoded(), "RelayState", evil)));
            assertThat(landed.url()).as(evil).isEqualTo(first.url(WIKI, "/from-portal"));
            assertThat(landed.status()).isEqualTo(200);
        }
        Visitor fresh = new Visitor();
        assertThat(fresh.follow(fresh.post(
                                callback(),
                                Map.of(
                                        "SAMLResponse",
                                        unsolicited().encoded(),
                                        "RelayState",
                                        first.url(WIKI, "/deep?a=b"))))
                        .url())
                .isEqualTo(first.url(WIKI, "/deep?a=b"));
        Visitor eve = new Visitor();
        eve.follow(eve.post(callback(), Map.of("SAMLResponse", unsolicited().encoded())));
        Answer other = eve.post(
                callback(),
                Map.of(
                        "SAMLResponse",
                        unsolicited().attribute("email", "mallory@example.com").encoded()));
        assertThat(other.status()).as("nobody asked for another session").isEqualTo(409);
        assertThat(other.setCookie("CF_Authorization")).isEmpty();
        assertThat(other.body()).contains("You are signed in as eve@example.com");
        String once = unsolicited().encoded();
        assertThat(new Visitor().post(callback(), Map.of("SAMLResponse", once)).status())
                .isEqualTo(303);
        assertThat(new Visitor()
                        .post(second.url(TEAM, CALLBACK_PATH), Map.of("SAMLResponse", once))
                        .status())
                .isEqualTo(400);
    }

    /** Most providers name no application: their list of applications knows one address of ours. */
    @Test
    void whoStartsAtTheProviderAndIsSentNowhereGetsTheLauncher() {
        create("Starting", """
                "issuer_url":"https://starting.example.com","sso_target_url":"https://starting.example.com/sso",
                "idp_public_certs":["%s"],"allow_idp_initiated":true""".formatted(OTHER.base64()));
        String launcher = admin.post("/access/apps", """
                        {"type":"app_launcher","name":"Launcher","policies":[
                          {"name":"All","decision":"allow","precedence":1,"include":[{"everyone":{}}]}]}""").get("id").asString();
        try {
            await("the launcher to be there")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> new Visitor().get(first.url(TEAM, "/")).body().contains("Welcome!"));
            Visitor fresh = new Visitor();
            Answer landed = fresh.follow(fresh.post(
                    callback(),
                    Map.of(
                            "SAMLResponse",
                            unsolicited().issuer("https://starting.example.com").encoded(),
                            "RelayState",
                            "")));
            assertThat(landed.url()).isEqualTo(first.url(TEAM, "/"));
            assertThat(landed.body()).contains("Your applications", "eve@example.com");
        } finally {
            admin.delete("/access/apps/" + launcher);
        }
    }

    private static SamlIdp.Response unsolicited() {
        return OTHER.response(callback(), null, Instant.now())
                .issuer("https://portal.example.com")
                .attribute("email", "eve@example.com");
    }

    @Test
    void requestsAreSignedPostedAndKeptShortWhereTheProviderWantsThat() throws Exception {
        create("Signed", """
                "issuer_url":"https://signed.example.com","sso_target_url":"https://signed.example.com/sso",
                "idp_public_certs":["%s"],"sign_request":true,"force_authn":true,"max_sso_url_length":1200""".formatted(IDP.base64()));
        create("Posted", """
                "issuer_url":"https://posted.example.com","sso_target_url":"https://posted.example.com/sso",
                "idp_public_certs":["%s"],"sign_request":true,"request_binding":"post\"""".formatted(IDP.base64()));
        await("the providers to be offered")
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor().open(first.url(WIKI, "/")).body().contains("Posted"));
        Asked asked = ask("Signed", "/" + "long".repeat(300));
        assertThat(asked.relayState()).hasSize(43);
        assertThat(asked.request().getAttribute("ForceAuthn")).isEqualTo("true");
        int end = asked.url().indexOf("&Signature=");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(ours());
        signature.update(
                asked.url().substring(asked.url().indexOf("SAMLRequest="), end).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getDecoder().decode(parameter(asked.url(), "Signature"))))
                .isTrue();
        Answer page = answer(
                IDP.response(callback(), asked.id(), Instant.now())
                        .issuer("https://signed.example.com")
                        .attribute("email", "eve@example.com"),
                asked.relayState());
        assertThat(page.url()).startsWith(first.url(WIKI, "/long"));

        Visitor other = new Visitor();
        Answer login = other.open(first.url(WIKI, "/"));
        Answer form = other.get(first.url(TEAM, login.link("Continue with Posted")));
        assertThat(form.status()).isEqualTo(200);
        assertThat(form.body()).contains("action=\"https://posted.example.com/sso\"");
        assertThat(form.header("content-security-policy")).contains("script-src 'nonce-");
        assertThat(new String(Base64.getDecoder().decode(form.field("SAMLRequest")), StandardCharsets.UTF_8))
                .contains("<ds:SignatureValue>");
        assertThat(form.field("RelayState")).isNotEmpty();
    }

    private X509Certificate ours() {
        String metadata =
                visitor.get(first.url(TEAM, "/cdn-cgi/access/saml-metadata")).body();
        Element key = (Element) SamlIdp.parse(metadata)
                .getElementsByTagNameNS("http://www.w3.org/2000/09/xmldsig#", "X509Certificate")
                .item(0);
        return Certificates.parse(key.getTextContent());
    }

    @Test
    void sa12AssertionsAreEncryptedForACertificateOfOursAlsoAfterItsRotation() {
        String id = create("Secret", """
                "issuer_url":"https://secret.example.com","sso_target_url":"https://secret.example.com/sso",
                "idp_public_certs":["%s"]""".formatted(IDP.base64()));
        var made = admin.post("/access/identity_providers/" + id + "/saml_certificate", "{}");
        var certificate = Certificates.parse(made.get("public_cert").asString());
        assertThat(made.toString()).doesNotContain("PRIVATE");
        var unknown = admin.call("PUT", "/access/identity_providers/" + id, """
                {"name":"Secret","type":"saml","saml_certificate_set_id":"7c1e2f3a-0000-4000-8000-000000000000",
                 "config":{"enable_encryption":true,"issuer_url":"https://secret.example.com",
                 "sso_target_url":"https://secret.example.com/sso","idp_public_certs":["%s"]}}""".formatted(IDP.base64()));
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.envelope().toString()).contains("/saml_certificate_set_id");
        await("the certificate to be in our metadata")
                .atMost(Duration.ofSeconds(30))
                .until(() -> visitor.get(first.url(TEAM, "/cdn-cgi/access/" + id + "/saml-metadata"))
                        .body()
                        .contains("use=\"encryption\""));
        for (int round = 0; round < 2; round++) {
            Visitor fresh = new Visitor();
            Answer page = fresh.open(first.url(WIKI, "/secret"));
            String url = fresh.get(first.url(TEAM, page.link("Continue with Secret")))
                    .header("location");
            String request = inflate(parameter(url, "SAMLRequest")).getAttribute("ID");
            Answer landed = fresh.submit(
                    callback(),
                    Map.of(
                            "SAMLResponse",
                            IDP.response(callback(), request, Instant.now())
                                    .issuer("https://secret.example.com")
                                    .attribute("email", "eve@example.com")
                                    .encryptedFor(certificate)
                                    .encoded(),
                            "RelayState",
                            parameter(url, "RelayState")));
            assertThat(landed.url()).isEqualTo(first.url(WIKI, "/secret"));
            admin.post("/access/saml_certificates/" + made.get("id").asString() + "/rotate", "{}");
        }
    }

    @Test
    void ourMetadataIsPublicForAllProvidersAndForOne() {
        for (String path :
                new String[] {"/cdn-cgi/access/saml-metadata", "/cdn-cgi/access/" + provider + "/saml-metadata"}) {
            Answer metadata = visitor.get(first.url(TEAM, path));
            assertThat(metadata.status()).isEqualTo(200);
            assertThat(metadata.header("content-type")).isEqualTo("application/samlmetadata+xml");
            assertThat(metadata.body()).contains("entityID=\"" + callback() + "\"");
        }
        assertThat(visitor.get(first.url(TEAM, "/cdn-cgi/access/nobody/saml-metadata"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void metadataIsImportedFromTextAndFromAnAddress() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metadata", exchange -> {
            byte[] body = IDP.metadata("https://imported.example.com/sso").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort();
            var byUrl = admin.post(
                    "/access/identity_providers",
                    "{\"name\":\"By URL\",\"type\":\"saml\",\"config\":{\"metadata_url\":\"%s/metadata\"}}"
                            .formatted(address));
            assertThat(byUrl.at("/config/issuer_url").asString()).isEqualTo(SamlIdp.ISSUER);
            assertThat(byUrl.at("/config/sso_target_url").asString()).isEqualTo("https://imported.example.com/sso");
            assertThat(byUrl.at("/config/idp_public_certs/0").asString()).isEqualTo(IDP.base64());
            var missing = admin.call(
                    "POST",
                    "/access/identity_providers",
                    "{\"name\":\"X\",\"type\":\"saml\",\"config\":{\"metadata_url\":\"%s/none\"}}".formatted(address));
            assertThat(missing.status()).isEqualTo(400);
            assertThat(missing.envelope().toString()).contains("/config/metadata_url", "answered 404");
        } finally {
            server.stop(0);
        }
        String text = JsonMapper.shared().writeValueAsString(IDP.metadata("https://text.example.com/sso"));
        var byText = admin.post(
                "/access/identity_providers",
                "{\"name\":\"By text\",\"type\":\"saml\",\"config\":{\"metadata_xml\":%s}}".formatted(text));
        assertThat(byText.at("/config/sso_target_url").asString()).isEqualTo("https://text.example.com/sso");
        assertThat(byText.at("/config/metadata_xml").isMissingNode()).isTrue();
    }

    @Test
    void aProviderThatChangedItsCertificateIsReadAgainOnceHoweverManyAnswersFitNone() throws Exception {
        AtomicInteger fetches = new AtomicInteger();
        AtomicReference<String> document = new AtomicReference<>(IDP.metadata(SSO));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metadata", exchange -> {
            fetches.incrementAndGet();
            byte[] body = document.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String rotating = create(
                    "Rotating",
                    "\"metadata_url\":\"http://127.0.0.1:%d/metadata\""
                            .formatted(server.getAddress().getPort()));
            await("the provider to be offered")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> new Visitor().open(first.url(WIKI, "/")).body().contains("Rotating"));
            first.database()
                    .jdbc()
                    .sql("update saml_metadata_readings set tried_at = tried_at - interval '1 hour' where idp_id = ?")
                    .param(UUID.fromString(rotating))
                    .update();
            document.set(OTHER.metadata(SSO));

            for (int i = 0; i < 10; i++) {
                Asked asked = ask("Rotating", "/rotated");
                Answer refused = post(i % 2 == 0 ? first : second, rotated(asked), asked.relayState());
                if (refused.status() == 303) {
                    break; // it was read between two of them
                }
                assertThat(refused.body()).contains("could not be verified").contains("Try again");
            }
            await("the new certificate to be known")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> admin.get("/access/identity_providers/" + rotating)
                            .at("/config/idp_public_certs/0")
                            .asString()
                            .equals(OTHER.base64()));
            await("the person to be in").atMost(Duration.ofSeconds(10)).until(() -> {
                forget();
                Asked asked = ask("Rotating", "/rotated");
                return post(second, rotated(asked), asked.relayState()).status() == 303;
            });
            assertThat(first.database()
                            .jdbc()
                            .sql(
                                    "select due_at > now() + interval '50 minutes' from saml_metadata_readings where idp_id = ?")
                            .param(UUID.fromString(rotating))
                            .query(Boolean.class)
                            .single())
                    .as("it was read a moment ago, so nobody reads it now")
                    .isTrue();
            assertThat(fetches).as("at its making, and once since").hasValue(2);
            forget();
            Asked again = ask("Rotating", "/rotated");
            assertThat(post(
                                    first,
                                    IDP.response(callback(), again.id(), Instant.now())
                                            .encoded(),
                                    again.relayState())
                            .status())
                    .as("the old certificate counts no longer")
                    .isEqualTo(400);
        } finally {
            server.stop(0);
        }
    }

    private void forget() {
        visitor.plant(TEAM, "CF_Authorization", "");
        visitor.plant(WIKI, "CF_Authorization", "");
    }

    private static String rotated(Asked asked) {
        return OTHER.response(callback(), asked.id(), Instant.now())
                .attribute("email", "eve@example.com")
                .encoded();
    }

    @Test
    void badConfigurationIsRefusedByItsPointer() {
        Map<String, String> bad = Map.of(
                "\"idp_public_certs\":[]", "/config/idp_public_certs",
                "\"idp_public_certs\":[\"MIIB\"]", "/config/idp_public_certs/0",
                "\"idp_public_certs\":[\"%s\"],\"header_attributes\":[{\"attribute_name\":\"a\",\"header_name\":\"Cookie\"}]",
                        "/config/header_attributes/0/header_name",
                "\"idp_public_certs\":[\"%s\"],\"header_attributes\":[{\"attribute_name\":\"a\",\"header_name\":\"Cf-Access-X\"}]",
                        "/config/header_attributes/0/header_name",
                "\"idp_public_certs\":[\"%s\"],\"request_binding\":\"soap\"", "/config/request_binding",
                "\"metadata_xml\":\"<!DOCTYPE a>\"", "/config/metadata_xml");
        bad.forEach((config, pointer) -> {
            var answer = admin.call(
                    "POST",
                    "/access/identity_providers",
                    "{\"name\":\"Bad\",\"type\":\"saml\",\"config\":{\"issuer_url\":\"i\",\"sso_target_url\":\"https://x.example\",%s}}"
                            .formatted(config.formatted(IDP.base64())));
            assertThat(answer.status()).as(config).isEqualTo(400);
            assertThat(answer.envelope().toString()).contains("\"" + pointer + "\"");
        });
    }

    @Test
    void everyBadAnswerEndsOnAPageThatSaysWhatToDo() {
        refusedWith(
                "did not tell your email address",
                ask("Corporate", "/"),
                response -> response.attribute("email").nameId("not an address"));
        refusedWith(
                "several values in the attribute email",
                ask("Corporate", "/"),
                response -> response.attribute("email", "ada@example.com", "root@example.com"));
        refusedWith(
                "did not sign you in",
                ask("Corporate", "/"),
                response -> response.status("urn:oasis:names:tc:SAML:2.0:status:Responder"));
        refusedWith(
                "larger than 256 KiB",
                ask("Corporate", "/"),
                response -> response.attribute("junk", "x".repeat(270_000)));
        refusedWith(
                "could not be verified",
                ask("Corporate", "/"),
                response -> response.by(OTHER.keys().getPrivate()));
        Answer empty = post(first, "", ask("Corporate", "/").relayState());
        assertThat(empty.status()).isEqualTo(400);
    }

    private void refusedWith(String text, Asked asked, UnaryOperator<SamlIdp.Response> change) {
        Answer page = answer(change.apply(IDP.response(callback(), asked.id(), Instant.now())), asked.relayState());
        assertThat(page.status()).as(text).isEqualTo(400);
        assertThat(page.body()).contains(text).contains("Try again");
        assertThat(visitor.cookie(TEAM, "CF_Authorization")).isEmpty();
    }

    @Test
    void tenMegabytesArePutDownAfterHalfOfOne() {
        int length = 10 * 1024 * 1024;
        try (RawHttp connection = RawHttp.connect(first.port())) {
            connection.send("POST " + CALLBACK_PATH + " HTTP/1.1\r\nHost: " + TEAM + ":" + first.port()
                    + "\r\nAccept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                    + length
                    + "\r\n\r\nSAMLResponse=" + "A".repeat(700_000));
            RawHttp.Response answer = connection.response();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.text()).contains("larger than 256 KiB");
        }
    }

    @Test
    void fiveThousandGroupsSignInAndTheCookieStaysSmall() {
        String[] groups = new String[5000];
        Arrays.setAll(groups, i -> "g" + i);
        Asked asked = ask("Corporate", "/many");
        Answer back = post(
                first,
                IDP.response(callback(), asked.id(), Instant.now())
                        .attribute("groups", groups)
                        .encoded(),
                asked.relayState());
        Answer page = visitor.follow(back);
        assertThat(page.status()).isEqualTo(200);
        assertThat(visitor.cookie(WIKI, "CF_Authorization")).hasSizeLessThan(4096);
        assertThat(visitor.get(first.url(WIKI, "/cdn-cgi/access/get-identity")).body())
                .contains("\"g4999\"");
    }

    private static Element inflate(String encoded) {
        try (var stream = new InflaterInputStream(
                new ByteArrayInputStream(Base64.getDecoder().decode(encoded)), new Inflater(true))) {
            return SamlIdp.parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8))
                    .getDocumentElement();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String parameter(String url, String name) {
        for (String pair : URI.create(url).getRawQuery().split("&")) {
            if (pair.startsWith(name + "=")) {
                return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
            }
        }
        throw new AssertionError("no " + name + " in " + url);
    }
}
