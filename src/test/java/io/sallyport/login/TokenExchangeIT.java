package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.BuildSystem;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Workloads that exchange their build system's token for one of an application (RFC 8693), and what burglars make of that. */
class TokenExchangeIT {
    private static final String AUDIENCE = "https://sallyport.example.com";
    private static final String DEPLOY = "exchange-deploy.localhost";
    private static final String OTHER = "exchange-other.localhost";
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
    private static final JsonMapper JSON = JsonMapper.shared();

    private static BuildSystem builds;
    private static LoginServer world;
    private static AdminClient admin;
    private static String issuerId;
    private static String policy;

    @BeforeAll
    static void start() {
        builds = BuildSystem.start();
        world = LoginServer.shared();
        admin = world.admin;
        issuerId = register("builds", builds, true);
        policy = serviceAuth("Deploys", issuerId, "\"repository\":\"acme/app\",\"ref\":\"refs/heads/main\"");
        world.application(DEPLOY, policy, "");
        world.application(OTHER, serviceAuth("Others", issuerId, "\"repository\":\"acme/other\""), "");
        await("the last application to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(world.url(OTHER, "/")).status() == 403);
    }

    @AfterAll
    static void stop() {
        builds.close();
    }

    private static String register(String name, BuildSystem system, boolean singleUse) {
        return admin.post("/sallyport/workload_issuers", """
                        {"name":"%s","issuer":"%s","jwks_url":"%s/jwks","audience":"%s","single_use":%b}""".formatted(
                                name, system.issuer(), system.issuer(), AUDIENCE, singleUse))
                .get("id")
                .asString();
    }

    private static String serviceAuth(String name, String issuer, String claims) {
        return admin.post("/access/policies", serviceAuthBody(name, issuer, claims))
                .get("id")
                .asString();
    }

    private static String serviceAuthBody(String name, String issuer, String claims) {
        return """
                {"name":"%s","decision":"non_identity","include":[{"workload":{"issuer_id":"%s","claims":{%s}}}]}""".formatted(name, issuer, claims);
    }

    private static String token(UnaryOperator<JWTClaimsSet.Builder> change) {
        return builds.token(AUDIENCE, change);
    }

    private static Map<String, String> form(String token, String audience) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", TokenExchange.GRANT);
        form.put("subject_token", token);
        form.put("subject_token_type", JWT);
        form.put("audience", audience);
        return form;
    }

    private static Answer exchange(Map<String, String> form) {
        return new Visitor().header("Accept", "application/json").post(world.url(TEAM, TokenExchange.PATH), form);
    }

    private static JsonNode json(Answer answer) {
        return JSON.readTree(answer.body());
    }

    private static String exchanged(String token, String audience) {
        Answer answer = exchange(form(token, audience));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return json(answer).get("access_token").asString();
    }

    private static Answer call(String host, String bearer) {
        return new Visitor()
                .header("Accept", "application/json")
                .header("Authorization", "Bearer " + bearer)
                .get(world.url(host, "/"));
    }

    private static void assertRefused(Answer answer, String error) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(json(answer).get("error").asString()).as(answer.body()).isEqualTo(error);
        assertThat(json(answer).has("access_token")).isFalse();
        assertThat(answer.header("cache-control")).contains("no-store");
    }

    @Test
    void aBuildGetsATenMinuteTokenAndTheApplicationOpensWithIt() throws ParseException {
        Answer answer = exchange(form(token(c -> c), DEPLOY));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("cache-control")).contains("no-store");
        JsonNode json = json(answer);
        assertThat(json.get("token_type").asString()).isEqualTo("Bearer");
        assertThat(json.get("issued_token_type").asString()).isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        assertThat(json.get("expires_in").asInt()).isBetween(598, 600);
        String issued = json.get("access_token").asString();
        JWTClaimsSet claims = SignedJWT.parse(issued).getJWTClaimsSet();
        assertThat(claims.getAudience()).containsExactly(world.audiences.get(DEPLOY));
        assertThat(claims.getStringClaim("common_name")).isEqualTo("workload:builds:repo:acme/app:ref:refs/heads/main");
        assertThat(claims.getSubject()).isEmpty();

        Answer page = new Visitor()
                .header("Accept", "application/json")
                .header("Authorization", "Bearer " + issued)
                .get(world.url(DEPLOY, "/with-bearer"));
        assertThat(page.status()).isEqualTo(200);
        var seen = world.site.lastVisitTo("/with-bearer").headers();
        assertThat(seen.containsKey("Authorization")).as("it was for the gate").isFalse();
        assertThat(SignedJWT.parse(seen.getFirst("Cf-Access-Jwt-Assertion"))
                        .getJWTClaimsSet()
                        .getStringClaim("common_name"))
                .isEqualTo("workload:builds:repo:acme/app:ref:refs/heads/main");
        assertThat(new Visitor()
                        .header("Accept", "application/json")
                        .header("Cf-Access-Token", issued)
                        .header("Authorization", "Bearer the-applications-own")
                        .get(world.url(DEPLOY, "/with-header"))
                        .status())
                .isEqualTo(200);
        assertThat(world.site.lastVisitTo("/with-header").headers().getFirst("Authorization"))
                .as("a credential of the application passes")
                .isEqualTo("Bearer the-applications-own");
    }

    @Test
    void theApplicationMayBeNamedByTagHostOrUrlAndTheTokenMayBeAnIdToken() {
        exchanged(token(c -> c), world.audiences.get(DEPLOY));
        exchanged(token(c -> c), "https://" + DEPLOY + "/deep/link");
        Map<String, String> form = form(token(c -> c), DEPLOY);
        form.put("subject_token_type", "urn:ietf:params:oauth:token-type:id_token");
        form.put("requested_token_type", JWT);

        assertThat(json(exchange(form)).get("issued_token_type").asString()).isEqualTo(JWT);
    }

    @Test
    void whatIsNotGenuineForUsAndInTimeGetsNothing() {
        Instant now = Instant.now();
        Map<String, String> forged = new HashMap<>();
        forged.put("alg none", new PlainJWT(builds.claims(AUDIENCE).build()).serialize());
        forged.put("another issuer", token(c -> c.issuer("https://token.actions.example")));
        forged.put("another key of that name", builds.token(BuildSystem.newKey(), AUDIENCE, c -> c));
        forged.put("for somebody else", builds.token("https://elsewhere.example", c -> c));
        forged.put("no audience", token(c -> c.audience((String) null)));
        forged.put("expired", token(c -> c.expirationTime(Date.from(now.minusSeconds(1)))));
        forged.put("without an end", token(c -> c.expirationTime(null)));
        forged.put("not yet valid", token(c -> c.notBeforeTime(Date.from(now.plusSeconds(120)))));
        forged.put("too large", token(c -> c.claim("padding", "x".repeat(20_000))));
        forged.put("no token", "abc");
        forged.put("empty", "");

        forged.forEach((what, token) -> {
            Answer answer = exchange(form(token, DEPLOY));
            assertThat(answer.status()).as(what).isEqualTo(400);
            assertThat(json(answer).get("error").asString()).as(what).isEqualTo("invalid_request");
            assertThat(json(answer).get("error_description").asString())
                    .as("which check failed is nobody's business: " + what)
                    .isEqualTo("subject_token is missing, or does not hold");
        });
    }

    @Test
    void aTokenWorksOnceForEachApplicationAndADenialDoesNotUseItUp() {
        String token = token(c -> c);
        assertRefused(exchange(form(token, OTHER)), "invalid_request");
        exchanged(token, DEPLOY);

        assertRefused(exchange(form(token, DEPLOY)), "invalid_request");
        assertThat(json(exchange(form(token, DEPLOY))).get("error_description").asString())
                .contains("before");
    }

    @Test
    void aTokenWithoutAnIdOrWithOneThatIsNoTextWorksOnceToo() {
        for (String token :
                List.of(token(c -> c.jwtID(null)), token(c -> c.claim("jti", 7_301L)), token(c -> c.jwtID("")))) {
            exchanged(token, DEPLOY);
            assertRefused(exchange(form(token, DEPLOY)), "invalid_request");
        }
    }

    /** On a busy deployment everybody comes at once, and so does who copied the token. */
    @Test
    void ofManyWhoComeAtOnceWithOneTokenOneGetsAToken() throws Exception {
        String token = token(c -> c);
        List<Future<Integer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                answers.add(threads.submit(() -> exchange(form(token, DEPLOY)).status()));
            }
        }
        int won = 0;
        for (Future<Integer> answer : answers) {
            won += answer.get() == 200 ? 1 : 0;
        }
        assertThat(won).isEqualTo(1);
    }

    @Test
    void issuersWhoseTokensAreShownOftenCanBeRegisteredSo() {
        try (BuildSystem cluster = BuildSystem.start()) {
            String id = register("cluster", cluster, false);
            String host = "exchange-cluster.localhost";
            world.application(host, serviceAuth("Pods", id, ""), "");
            String token = cluster.token(AUDIENCE, c -> c);
            await("the issuer and the application to be known")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> exchange(form(token, host)).status() == 200);

            exchanged(token, host);
        }
    }

    @Test
    void aTokenOfOneApplicationOpensNoOther() {
        String issued = exchanged(token(c -> c), DEPLOY);

        assertThat(call(OTHER, issued).status()).isEqualTo(401);
        assertThat(new Visitor()
                        .header("Accept", "application/json")
                        .header("Cf-Access-Token", issued)
                        .get(world.url(OTHER, "/"))
                        .status())
                .isIn(401, 403);
        assertRefused(exchange(form(issued, DEPLOY)), "invalid_request");
    }

    @Test
    void aForgedExchangedTokenOpensNothing() {
        String[] issued = exchanged(token(c -> c), DEPLOY).split("\\.");
        String other = builds.token(
                AUDIENCE,
                c -> c.issuer(world.url(TEAM, ""))
                        .claim("type", "app")
                        .audience(world.audiences.get(DEPLOY))
                        .claim("sp_workload", Map.of("issuer", issuerId, "claims", Map.of("repository", "acme/app"))));

        assertThat(call(DEPLOY, other).status()).isEqualTo(401);
        assertThat(call(DEPLOY, issued[0] + "." + other.split("\\.")[1] + "." + issued[2])
                        .status())
                .isEqualTo(401);
    }

    @Test
    void whomNoPolicyAdmitsIsToldSoAndTheAdminFindsTheReasonByTheId() {
        Answer refused = exchange(form(token(c -> c.claim("ref", "refs/heads/evil")), DEPLOY));

        assertRefused(refused, "invalid_request");
        String description = json(refused).get("error_description").asString();
        String ray = description.substring(description.length() - 16);
        await("decision " + ray)
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        admin.call("GET", "/sallyport/decisions/" + ray, null).status() == 200);
        JsonNode found = admin.get("/sallyport/decisions/" + ray);
        assertThat(found.at("/outcome").asString()).isEqualTo("denied");
        assertThat(found.at("/reason").asString()).isEqualTo("workload_not_allowed");
        assertThat(found.at("/application/name").asString()).isEqualTo(DEPLOY);
        assertThat(found.at("/tree/policies/0/name").asString()).isEqualTo("Deploys");
        assertThat(found.toString()).contains("workload:builds:repo:acme/app:ref:refs/heads/main");
    }

    @Test
    void anEditedPolicyAppliesToTokensIssuedBefore() {
        String host = "exchange-edited.localhost";
        String edited = serviceAuth("Edited", issuerId, "\"repository\":\"acme/app\"");
        world.application(host, edited, "");
        await("the application to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(world.url(host, "/")).status() == 403);
        String issued = exchanged(token(c -> c), host);
        assertThat(call(host, issued).status()).isEqualTo(200);

        admin.put(
                "/access/policies/" + edited,
                serviceAuthBody("Edited", issuerId, "\"repository\":\"acme/app\",\"ref\":\"refs/heads/release\""));

        await("the edit to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> call(host, issued).status() == 403);
        admin.put("/access/policies/" + edited, serviceAuthBody("Edited", issuerId, "\"event_name\":\"push\""));
        await("a claim nobody asked for before is decided about too")
                .atMost(Duration.ofSeconds(30))
                .until(() -> call(host, issued).status() == 200);
    }

    @Test
    void revokingTheApplicationsTokensEndsWhatWasExchanged() {
        String host = "exchange-revoked.localhost";
        world.application(host, policy, "");
        await("the application to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(world.url(host, "/")).status() == 403);
        String issued = exchanged(token(c -> c), host);
        assertThat(call(host, issued).status()).isEqualTo(200);
        String app = admin.get("/access/apps?exact=true&domain=" + host)
                .get(0)
                .get("id")
                .asString();

        admin.post("/access/apps/" + app + "/revoke_tokens", "{}");

        await("the revocation to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> call(host, issued).status() == 401);
    }

    @Test
    void requestsThatAreNoExchangeAreRefusedByName() {
        String token = token(c -> c);
        Map<String, String> otherGrant = form(token, DEPLOY);
        otherGrant.put("grant_type", "client_credentials");
        assertRefused(exchange(otherGrant), "unsupported_grant_type");
        assertRefused(exchange(form(token, "nowhere.example")), "invalid_target");
        assertRefused(exchange(form(token, "not a host")), "invalid_target");
        Map<String, String> acting = form(token, DEPLOY);
        acting.put("actor_token", token);
        assertRefused(exchange(acting), "invalid_request");
        Map<String, String> typeless = form(token, DEPLOY);
        typeless.put("subject_token_type", "urn:ietf:params:oauth:token-type:saml2");
        assertRefused(exchange(typeless), "invalid_request");
        Map<String, String> refresh = form(token, DEPLOY);
        refresh.put("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token");
        assertRefused(exchange(refresh), "invalid_request");
        assertRefused(exchange(Map.of()), "invalid_request");
        assertThat(new Visitor().get(world.url(TEAM, TokenExchange.PATH)).status())
                .isEqualTo(404);
        assertThat(new Visitor()
                        .post(world.url(DEPLOY, TokenExchange.PATH), form(token, DEPLOY))
                        .status())
                .as("it is on the team domain alone")
                .isEqualTo(404);
        exchanged(token, DEPLOY);
    }

    @Test
    void clientsFindTheEndpointByItsMetadata() {
        JsonNode metadata = json(new Visitor().get(world.url(TEAM, "/.well-known/oauth-authorization-server")));

        assertThat(metadata.get("token_endpoint").asString()).isEqualTo(world.url(TEAM, TokenExchange.PATH));
        assertThat(metadata.get("issuer").asString()).isEqualTo(world.url(TEAM, ""));
        assertThat(metadata.get("grant_types_supported").toString()).contains(TokenExchange.GRANT);
    }

    @Test
    void aPolicyNamesAnIssuerThatIsRegisteredAndHoldsItThere() {
        AdminClient.Answer unknown = admin.call(
                "POST", "/access/policies", serviceAuthBody("x", "7c1e2f3a-0000-4000-8000-000000000000", ""));

        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.envelope().toString())
                .contains("/include/0/workload/issuer_id")
                .contains("workload issuer");
        assertThat(admin.call("DELETE", "/sallyport/workload_issuers/" + issuerId, null)
                        .status())
                .isEqualTo(409);
    }
}
