package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Workloads that come with a token of a build system instead of a stored secret, and what burglars make of that. */
class WorkloadsIT {
    private static final String DEPLOY = "deploy.localhost";
    private static final String AUDIENCE = "https://auth.example.com";
    private static final SampleSite SITE = SampleSite.start();
    private static final AtomicInteger FETCHES = new AtomicInteger();

    private static RSAKey key;
    private static RSAKey stranger;
    private static HttpServer keys;
    private static String issuer;
    private static String issuerId;
    private static TestServer server;
    private static AdminClient admin;

    @BeforeAll
    static void start() throws IOException, JOSEException {
        key = new RSAKeyGenerator(2048).keyID("build-1").generate();
        stranger = new RSAKeyGenerator(2048).keyID("build-1").generate();
        keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        keys.createContext("/jwks", exchange -> {
            FETCHES.incrementAndGet();
            byte[] body = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        keys.start();
        issuer = "http://127.0.0.1:" + keys.getAddress().getPort();
        server = TestServer.start(Map.of());
        admin = server.admin();
        issuerId = admin.post("/sallyport/workload_issuers", """
                        {"name":"builds","issuer":"%s","jwks_url":"%s/jwks","audience":"%s"}""".formatted(issuer, issuer, AUDIENCE))
                .get("id")
                .asString();
        String policy = admin.post("/access/policies", """
                        {"name":"Deploys","decision":"non_identity","include":[{"workload":{"issuer_id":"%s","claims":
                         {"repository":"acme/app","ref":["refs/heads/main","refs/heads/release"]}}}]}""".formatted(issuerId))
                .get("id")
                .asString();
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(DEPLOY, SITE.url()));
        admin.post(
                "/access/apps",
                "{\"type\":\"self_hosted\",\"name\":\"Deploy\",\"domain\":\"%s\",\"policies\":[\"%s\"]}"
                        .formatted(DEPLOY, policy));
        await("the application to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(server.url(DEPLOY, "/")).status() == 403);
    }

    @AfterAll
    static void stop() {
        server.close();
        keys.stop(0);
        SITE.close();
    }

    private static Instant now() {
        return InstantSource.system().instant();
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(issuer)
                .audience(AUDIENCE)
                .subject("repo:acme/app:ref:refs/heads/main")
                .issueTime(Date.from(now()))
                .expirationTime(Date.from(now().plusSeconds(300)))
                .claim("repository", "acme/app")
                .claim("ref", "refs/heads/main");
    }

    private static String signed(RSAKey by, UnaryOperator<JWTClaimsSet.Builder> change) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .type(JOSEObjectType.JWT)
                        .keyID(by.getKeyID())
                        .build(),
                change.apply(claims()).build());
        jwt.sign(new RSASSASigner(by));
        return jwt.serialize();
    }

    private static Visitor.Answer call(String token, String path) {
        return new Visitor()
                .header("Accept", "application/json")
                .header("Authorization", "Bearer " + token)
                .get(server.url(DEPLOY, path));
    }

    @Test
    void aBuildOfTheRightBranchGetsInWithoutAnyStoredSecret() throws Exception {
        String token = signed(key, c -> c);

        assertThat(call(token, "/deploy").status()).isEqualTo(200);

        var headers = SITE.lastVisitTo("/deploy").headers();
        assertThat(headers.containsKey("Authorization"))
                .as("the token was for the gate")
                .isFalse();
        String assertion = headers.getFirst("Cf-Access-Jwt-Assertion");
        assertThat(SignedJWT.parse(assertion).getJWTClaimsSet().getStringClaim("common_name"))
                .isEqualTo("workload:builds:repo:acme/app:ref:refs/heads/main");
    }

    /** Whoever names an issuer makes us ask for its keys; where all of them wait must not be where a login is signed. */
    @Test
    void do05AnIssuerThatDoesNotAnswerKeepsNobodyFromSigningIn() throws Exception {
        String wiki = "wiki.localhost";
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            silent.setSoTimeout(30_000);
            String mute = "http://127.0.0.1:" + silent.getLocalPort();
            admin.post("/sallyport/workload_issuers", """
                    {"name":"mute","issuer":"%s","jwks_url":"%s/jwks","audience":"%s"}""".formatted(mute, mute, AUDIENCE));
            String staff = admin.post("/access/policies", """
                            {"name":"Staff","decision":"allow","include":[{"email_domain":{"domain":"example.com"}}]}""").get("id").asString();
            admin.post(
                    "/access/apps",
                    "{\"type\":\"self_hosted\",\"name\":\"Wiki\",\"domain\":\"%s\",\"policies\":[\"%s\"]}"
                            .formatted(wiki, staff));
            await("both to be known")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> new Visitor().get(server.url(wiki, "/")).status() == 302);
            String junk = signed(stranger, c -> c.issuer(mute));

            for (int i = 0; i < 320; i++) {
                Thread.ofVirtual().start(() -> call(junk, "/"));
            }
            try (Socket asked = silent.accept()) {
                Set<Integer> answers = new HashSet<>();
                for (Instant end = now().plusSeconds(3); now().isBefore(end); ) {
                    answers.add(new Visitor().get(server.url(wiki, "/")).status());
                }
                assertThat(answers).as("logins go on while it does not answer").containsExactly(302);
                assertThat(asked.isConnected()).isTrue();
            }
        }
    }

    @Test
    void anotherBranchOrRepositoryIsKnownAndNotAllowed() throws Exception {
        assertThat(call(signed(key, c -> c.claim("ref", "refs/heads/release")), "/")
                        .status())
                .isEqualTo(200);
        assertThat(call(signed(key, c -> c.claim("ref", "refs/heads/evil")), "/")
                        .status())
                .isEqualTo(403);
        assertThat(call(signed(key, c -> c.claim("repository", "acme/app2")), "/")
                        .status())
                .isEqualTo(403);
        assertThat(call(signed(key, c -> c.claim("repository", null)), "/").status())
                .isEqualTo(403);
    }

    @Test
    void whatIsNotGenuineForUsAndInTimeIsRefused() throws Exception {
        Map<String, String> forged = Map.of(
                "alg none", new PlainJWT(claims().build()).serialize(),
                "another audience", signed(key, c -> c.audience("https://elsewhere.example")),
                "no audience", signed(key, c -> c.audience((String) null)),
                "expired", signed(key, c -> c.expirationTime(Date.from(now().minusSeconds(1)))),
                "no expiry", signed(key, c -> c.expirationTime(null)),
                "not yet valid", signed(key, c -> c.notBeforeTime(Date.from(now().plusSeconds(120)))),
                "no subject", signed(key, c -> c.subject(null)),
                "another key of that name", signed(stranger, c -> c),
                "the public key as a secret", hmacWithThePublicKey(),
                "a changed claim", tampered());

        forged.forEach((what, token) ->
                assertThat(call(token, "/forged").status()).as(what).isEqualTo(401));
        assertThat(SITE.visits()).noneMatch(visit -> visit.pathAndQuery().equals("/forged"));
    }

    private static String hmacWithThePublicKey() throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("build-1").build(), claims().build());
        jwt.sign(new MACSigner(key.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8)));
        return jwt.serialize();
    }

    private static String tampered() throws JOSEException {
        String[] good = signed(key, c -> c).split("\\.");
        String[] other = signed(key, c -> c.claim("ref", "refs/heads/evil")).split("\\.");
        return other[0] + "." + other[1] + "." + good[2];
    }

    @Test
    void aTokenOfAnIssuerNobodyRegisteredIsTheApplicationsOwnBusiness() throws Exception {
        assertThat(call(signed(key, c -> c.issuer("https://unknown.example")), "/unknown")
                        .status())
                .as("it opens nothing")
                .isEqualTo(403);
    }

    @Test
    void oi07AFloodOfUnknownKeysAsksTheIssuerOnceInHalfAMinute() throws Exception {
        call(signed(key, c -> c.jwtID("warm up")), "/");
        int before = FETCHES.get();
        for (int i = 0; i < 25; i++) {
            RSAKey renamed = new RSAKey.Builder(stranger).keyID("flood-" + i).build();
            assertThat(call(signed(renamed, c -> c), "/").status()).isEqualTo(401);
        }
        assertThat(FETCHES.get() - before).isLessThanOrEqualTo(1);
    }

    @Test
    void aWorkloadIsNoServiceTokenAndMayNotStandInAnAllowPolicy() {
        for (String policy : List.of("""
                {"name":"x","decision":"allow","include":[{"workload":{"issuer_id":"%s"}}]}""", """
                {"name":"x","decision":"non_identity","include":[{"workload":{"issuer_id":"%s","claims":{"ref":7}}}]}""", """
                {"name":"x","decision":"non_identity","include":[{"workload":{"issuer_id":"%s","claims":{"ref":[]}}}]}""", """
                {"name":"x","decision":"non_identity","include":[{"workload":{"issuer_id":"%s","claim":{}}}]}""")) {
            assertThatThrownBy(() -> admin.post("/access/policies", policy.formatted(issuerId)))
                    .as(policy)
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void anIssuerThatIsDeletedVouchesForNobodyAnyMore() throws Exception {
        String other = issuer + "/other";
        String id = admin.post("/sallyport/workload_issuers", """
                        {"name":"others","issuer":"%s","jwks_url":"%s/jwks","audience":"%s"}""".formatted(other, issuer, AUDIENCE))
                .get("id")
                .asString();
        String token = signed(key, c -> c.issuer(other));
        await("the issuer to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> call(signed(stranger, c -> c.issuer(other)), "/").status() == 401);
        assertThat(call(token, "/").status())
                .as("genuine, but no policy names that issuer")
                .isEqualTo(403);

        admin.delete("/sallyport/workload_issuers/" + id);

        assertThat(admin.get("/sallyport/workload_issuers").toString()).doesNotContain(other);
    }
}
