package io.sallyport.scim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A directory talks to one replica; a person who is signed in notices on the other. */
class ScimIT {
    private static final String WIKI = "wiki.localhost";
    private static final JsonMapper JSON = JsonMapper.shared();

    private static TestServer first;
    private static TestServer second;
    private static FakeIdp idp;
    private static SampleSite site;
    private static AdminClient admin;
    private static String provider;
    private static String secret;
    private static String base;

    private record Reply(int status, JsonNode body, RawHttp.Response raw) {}

    @BeforeAll
    static void start() {
        first = TestServer.start(Map.of());
        second = first.beside(Map.of("sallyport.public-port", String.valueOf(first.port())));
        idp = FakeIdp.start();
        site = SampleSite.start();
        admin = first.admin();
        JsonNode made = admin.post("/access/identity_providers", body("automatic"));
        provider = made.get("id").asString();
        secret = made.at("/scim_config/secret").asString();
        base = made.at("/scim_config/scim_base_url").asString();
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(WIKI, site.url()));
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"Wiki","domain":"%s","allowed_idps":["%s"],"auto_redirect_to_identity":true,
                 "policies":[{"name":"Staff","decision":"allow","precedence":1,"include":[{"email_domain":{"domain":"example.com"}}]}]}""".formatted(WIKI, provider));
        await("the application to be known everywhere")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(first.url(WIKI, "/")).status() == 302
                        && new Visitor().get(second.url(WIKI, "/")).status() == 302);
    }

    private static String body(String updates) {
        return """
                {"name":"Directory","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s","pkce_enabled":true},
                 "scim_config":{"enabled":true,"user_deprovision":true,"identity_update_behavior":"%s"}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, idp.issuer(), updates);
    }

    @AfterAll
    static void stop() {
        second.close();
        first.close();
        idp.close();
        site.close();
    }

    private static Reply scim(String method, String path, String body) {
        return scim(method, path, body, "Bearer " + secret);
    }

    private static Reply scim(String method, String path, String body, String authorization) {
        URI address = URI.create(base + path);
        byte[] octets = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + address.getRawPath()
                + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery()) + " HTTP/1.1\r\nHost: "
                + address.getRawAuthority() + "\r\nConnection: close\r\nContent-Type: application/scim+json\r\n"
                + (authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n")
                + (body == null ? "" : "Content-Length: " + octets.length + "\r\n") + "\r\n";
        RawHttp.Response response = RawHttp.exchange(first.port(), head + (body == null ? "" : body));
        return new Reply(
                response.status(),
                response.text().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.text()),
                response);
    }

    private static String user(String name) {
        return """
                {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s","externalId":"ext-%s","active":true,
                 "displayName":"D","password":"hunter2","emails":[{"value":"%s","type":"work","primary":true}]}""".formatted(name, name, name);
    }

    private static String filtered(String type, String filter) {
        return "/" + type + "?filter=" + URLEncoder.encode(filter, StandardCharsets.UTF_8);
    }

    /** Signs the person in on the first replica and shows the page on the second. */
    private static Visitor signedIn(String email) {
        idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.put("email", email);
            claims.put("sub", email);
            return claims;
        }));
        Visitor visitor = new Visitor();
        assertThat(visitor.open(first.url(WIKI, "/")).status()).isEqualTo(200);
        assertThat(visitor.get(second.url(WIKI, "/")).status()).isEqualTo(200);
        return visitor;
    }

    private static void outWithinFiveSeconds(Visitor visitor) {
        await("the person to be out on both replicas")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> visitor.get(second.url(WIKI, "/")).status() == 302
                        && visitor.get(first.url(WIKI, "/")).status() == 302);
    }

    @Test
    void whoIsDisabledAsOktaDoesItIsOutEverywhereAndCannotComeBack() {
        String id = scim("POST", "/Users", user("okta@example.com"))
                .body()
                .get("id")
                .asString();
        Visitor visitor = signedIn("okta@example.com");

        Reply disabled = scim("PATCH", "/Users/" + id, """
                {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}""");

        assertThat(disabled.status()).isEqualTo(200);
        assertThat(disabled.body().get("active").booleanValue()).isFalse();
        outWithinFiveSeconds(visitor);
        first.database()
                .jdbc()
                .sql("update users set sessions_not_before = sessions_not_before - interval '2 minutes'")
                .update();
        Answer refused = new Visitor().open(first.url(WIKI, "/"));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("Your account was disabled in your organisation");
    }

    @Test
    void whoIsDisabledAsEntraDoesItIsOutEverywhere() {
        String id = scim("POST", "/Users", user("entra@example.com"))
                .body()
                .get("id")
                .asString();
        Visitor visitor = signedIn("entra@example.com");
        Reply disabled = scim("PATCH", "/Users/" + id, """
                {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                 "Operations":[{"op":"Replace","path":"active","value":"False"}]}""");
        assertThat(disabled.status()).isEqualTo(200);
        outWithinFiveSeconds(visitor);
    }

    /** As the directories' own documentation and traffic has them; what a directory cannot say must not be taken for a yes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'op':'replace','path':'active','value':false}", // Okta, Entra with its compliant flag
                "{'op':'Replace','path':'active','value':'False'}", // Entra without it
                "{'op':'Add','path':'active','value':'False'}", // Entra, where the mapping was added later
                "{'op':'Replace','path':'active','value':[{'$ref':null,'value':'False'}]}", // older connectors of Entra
                "{'op':'replace','value':{'active':'false'}}",
                "{'op':'replace','value':{'Active':false,'userName':'shape@example.com'}}",
                "{'op':'replace','value':{'urn:ietf:params:scim:schemas:core:2.0:User:active':false}}",
                "{'op':'replace','path':'urn:ietf:params:scim:schemas:core:2.0:User:active','value':false}",
                "{'op':'Replace','path':'displayName','value':'Gone'},{'op':'Replace','path':'active','value':'False'}"
            })
    void everyShapeOfDisablingDisables(String operations) {
        String id = scim("POST", "/Users", user("shape@example.com"))
                .body()
                .get("id")
                .asString();
        try {
            Reply disabled = patch(id, operations);
            assertThat(disabled.status()).isEqualTo(200);
            assertThat(disabled.body().get("active").isBoolean()).isTrue();
            assertThat(disabled.body().get("active").booleanValue()).isFalse();
            Reply enabled = patch(id, "{'op':'Replace','path':'active','value':'True'}");
            assertThat(enabled.body().get("active").booleanValue()).isTrue();
        } finally {
            scim("DELETE", "/Users/" + id, null);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'op':'replace','path':'active','value':'no'}",
                "{'op':'replace','path':'active','value':0}",
                "{'op':'replace','path':'active','value':[]}",
                "{'op':'replace','path':'active','value':[{'$ref':null}]}",
                "{'op':'replace','path':'active','value':[{'value':'False'},{'value':'True'}]}",
                "{'op':'replace','path':'active','value':{'value':false}}"
            })
    void whatCouldMeanEitherIsRefusedAndChangesNothing(String operation) {
        String id = scim("POST", "/Users", user("unclear@example.com"))
                .body()
                .get("id")
                .asString();
        try {
            assertThat(patch(id, operation).status()).isEqualTo(400);
            assertThat(scim("GET", "/Users/" + id, null).body().get("active").booleanValue())
                    .isTrue();
        } finally {
            scim("DELETE", "/Users/" + id, null);
        }
    }

    private static Reply patch(String id, String operations) {
        return scim("PATCH", "/Users/" + id, """
                {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}""".formatted(operations.replace('\'', '"')));
    }

    /** Led to the sign-in, or cut off in the middle of a request that was under way when the session ended. */
    private static boolean isOut(Visitor visitor) {
        try {
            return visitor.get(first.url(WIKI, "/")).status() == 302;
        } catch (AssertionError noAnswer) {
            assertThat(noAnswer).hasMessageContaining("not an HTTP answer");
            return true;
        }
    }

    @Test
    void whereGroupsAskForAFreshLoginAChangeOfThemEndsTheSession() {
        admin.put("/access/identity_providers/" + provider, body("reauth"));
        try {
            String id = scim("POST", "/Users", user("reauth@example.com"))
                    .body()
                    .get("id")
                    .asString();
            Visitor visitor = signedIn("reauth@example.com");
            Visitor bystander = signedIn("bystander@example.com");
            await("the setting to be known").atMost(Duration.ofSeconds(20)).until(() -> {
                String group = scim("POST", "/Groups", "{\"displayName\":\"Audit\"}")
                        .body()
                        .get("id")
                        .asString();
                scim("PATCH", "/Groups/" + group, """
                        {"Operations":[{"op":"Add","path":"members","value":[{"value":"%s"}]}]}""".formatted(id));
                boolean out = isOut(visitor);
                scim("DELETE", "/Groups/" + group, null);
                return out;
            });
            outWithinFiveSeconds(visitor);
            assertThat(bystander.get(first.url(WIKI, "/")).status()).isEqualTo(200);
            assertThat(bystander.get(second.url(WIKI, "/")).status()).isEqualTo(200);
        } finally {
            admin.put("/access/identity_providers/" + provider, body("automatic"));
        }
    }

    @Test
    void whoIsDeletedIsOutEverywhere() {
        String id = scim("POST", "/Users", user("gone@example.com"))
                .body()
                .get("id")
                .asString();
        Visitor visitor = signedIn("gone@example.com");
        assertThat(scim("DELETE", "/Users/" + id, null).status()).isEqualTo(204);
        outWithinFiveSeconds(visitor);
        assertThat(scim("GET", "/Users/" + id, null).status()).isEqualTo(404);
        assertThat(scim("DELETE", "/Users/" + id, null).status()).isEqualTo(404);
    }

    /** Otherwise who is renamed first and disabled then would stay signed in under the old name. */
    @Test
    void whoIsSignedInByAnAddressThatTheDirectoryDropsIsOutEverywhere() {
        String id = scim("POST", "/Users", user("maiden@example.com"))
                .body()
                .get("id")
                .asString();
        Visitor visitor = signedIn("maiden@example.com");
        Visitor bystander = signedIn("bystander@example.com");
        assertThat(patch(id, "{'op':'replace','path':'displayName','value':'Still here'}")
                        .status())
                .isEqualTo(200);
        assertThat(visitor.get(first.url(WIKI, "/")).status()).isEqualTo(200);

        assertThat(scim("PUT", "/Users/" + id, user("married@example.com")).status())
                .isEqualTo(200);

        outWithinFiveSeconds(visitor);
        assertThat(bystander.get(first.url(WIKI, "/")).status()).isEqualTo(200);
        scim("DELETE", "/Users/" + id, null);
    }

    @Test
    void anAddressThatSomebodyElseInTheDirectoryStillHasKeepsItsSession() {
        String id = scim("POST", "/Users", user("shared@example.com"))
                .body()
                .get("id")
                .asString();
        String other = scim(
                        "POST",
                        "/Users",
                        "{\"userName\":\"other@example.com\",\"emails\":[{\"value\":\"shared@example.com\"}]}")
                .body()
                .get("id")
                .asString();
        Visitor visitor = signedIn("shared@example.com");
        scim("PUT", "/Users/" + id, user("moved@example.com"));
        assertThat(visitor.get(first.url(WIKI, "/cdn-cgi/access/get-identity")).status())
                .isEqualTo(200);
        scim("DELETE", "/Users/" + id, null);
        scim("DELETE", "/Users/" + other, null);
    }

    /** RFC 7643 §2.1: what is not read for its capitals would be taken for "nothing said", which is active. */
    @Test
    void whoIsDisabledInOtherCapitalsIsDisabled() {
        Reply made = scim("POST", "/Users", "{\"UserName\":\"capitals@example.com\",\"ACTIVE\":false}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body().get("active").booleanValue()).isFalse();
        String id = made.body().get("id").asString();
        scim("PUT", "/Users/" + id, user("capitals@example.com"));
        Visitor visitor = signedIn("capitals@example.com");

        Reply replaced = scim(
                "PUT",
                "/Users/" + id,
                "{\"userName\":\"capitals@example.com\",\"Active\":false,\"Emails\":[{\"Value\":\"c@example.com\"}]}");

        assertThat(replaced.body().get("active").booleanValue()).isFalse();
        assertThat(replaced.body().at("/emails/0/value").asString()).isEqualTo("c@example.com");
        outWithinFiveSeconds(visitor);
        assertThat(scim(
                                "PUT",
                                "/Users/" + id,
                                "{\"userName\":\"capitals@example.com\",\"active\":true,\"Active\":false}")
                        .status())
                .as("both at once")
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"userName\":\"nul@example.com\",\"displayName\":\"a\\u0000b\"}",
                "{\"userName\":\"nul@example.com\",\"emails\":[{\"value\":\"\\u0000@example.com\"}]}",
                "{\"userName\":\"nul@example.com\",\"urn:x:y\":{\"a\":[\"\\u0000\"]}}"
            })
    void whatTheDatabaseCannotKeepIsTheDirectorysMistakeAndNotADatabaseThatIsDown(String user) {
        assertThat(scim("POST", "/Users", user).status()).isEqualTo(400);
    }

    @Test
    void whomTheDirectoryTakesOutOfAGroupOpensNothingWithAnAppPassAnyMore() {
        String host = "crew.localhost";
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, site.url()));
        String app = admin.post("/access/apps", """
                        {"type":"self_hosted","name":"Crew","domain":"%s","sallyport_app_passes":{"enabled":true},
                         "policies":[{"name":"Crew","decision":"allow","precedence":1,
                                      "include":[{"okta":{"identity_provider_id":"%s","name":"Crew"}}]}]}""".formatted(host, provider))
                .get("id")
                .asString();
        String id = scim("POST", "/Users", user("crew@example.com"))
                .body()
                .get("id")
                .asString();
        Visitor visitor = signedIn("crew@example.com");
        String group = scim(
                        "POST", "/Groups", "{\"displayName\":\"Crew\",\"members\":[{\"value\":\"%s\"}]}".formatted(id))
                .body()
                .get("id")
                .asString();
        await("the application to be open to the crew")
                .atMost(Duration.ofSeconds(30))
                .until(() -> visitor.open(first.url(host, "/")).status() == 200);
        String account = first.url("auth.localhost", "/account");
        String made = visitor.post(
                        account + "/make-app-pass",
                        Map.of("token", visitor.get(account).field("token"), "app", app, "name", "Phone", "days", "90"))
                .body();
        String pass = made.replaceAll("(?s).*(spass_[A-Za-z0-9_-]{43}).*", "$1");
        await("the pass to be known").atMost(Duration.ofSeconds(30)).until(() -> withPass(host, pass) == 200);

        scim("PATCH", "/Groups/" + group, """
                {"Operations":[{"op":"remove","path":"members[value eq \\"%s\\"]"}]}""".formatted(id));

        await("the pass to open nothing any more")
                .atMost(Duration.ofSeconds(30))
                .until(() -> withPass(host, pass) == 403);
    }

    private static int withPass(String host, String pass) {
        return new Visitor()
                .header("Accept", "*/*")
                .header("Authorization", "Bearer " + pass)
                .get(first.url(host, "/"))
                .status();
    }

    @Test
    void newGroupsReachARunningSessionWithoutAQuestion() {
        String id = scim("POST", "/Users", user("grouped@example.com"))
                .body()
                .get("id")
                .asString();
        Visitor visitor = signedIn("grouped@example.com");
        String group = scim("POST", "/Groups", "{\"displayName\":\"Board\",\"externalId\":\"g-1\"}")
                .body()
                .get("id")
                .asString();
        Reply added = scim("PATCH", "/Groups/" + group, """
                {"Operations":[{"op":"Add","path":"members","value":[{"value":"%s"}]}]}""".formatted(id));
        assertThat(added.body().at("/members/0/value").asString()).isEqualTo(id);
        await("the group to be in the identity")
                .atMost(Duration.ofSeconds(30))
                .until(() -> visitor.get(first.url(WIKI, "/cdn-cgi/access/get-identity"))
                        .body()
                        .contains("\"Board\""));
        assertThat(visitor.open(second.url(WIKI, "/")).status()).isEqualTo(200);
        scim("PATCH", "/Groups/" + group, """
                {"Operations":[{"op":"remove","path":"members[value eq \\"%s\\"]"}]}""".formatted(id));
        assertThat(visitor.get(first.url(WIKI, "/cdn-cgi/access/get-identity")).body())
                .doesNotContain("Board");
    }

    @Test
    void resourcesAreKeptFoundPagedAndReplaced() {
        Reply made = scim("POST", "/Users", user("paged1@example.com"));
        assertThat(made.status()).isEqualTo(201);
        String id = made.body().get("id").asString();
        assertThat(made.raw().first("Location")).isEqualTo(base + "/Users/" + id);
        assertThat(made.raw().first("Content-Type")).isEqualTo("application/scim+json");
        assertThat(made.body().toString()).doesNotContain("hunter2");
        scim("POST", "/Users", user("paged2@example.com"));
        assertThat(scim("POST", "/Users", user("PAGED1@example.com")).status()).isEqualTo(409);

        Reply found = scim("GET", filtered("Users", "userName eq \"Paged1@example.com\""), null);
        assertThat(found.body().get("totalResults").intValue()).isEqualTo(1);
        assertThat(found.body().at("/Resources/0/id").asString()).isEqualTo(id);
        assertThat(scim("GET", filtered("Users", "externalId eq \"ext-paged2@example.com\""), null)
                        .body()
                        .get("totalResults")
                        .intValue())
                .isEqualTo(1);
        assertThat(scim("GET", filtered("Users", "userName eq \"nobody\""), null)
                        .body()
                        .get("Resources"))
                .isEmpty();
        Reply page = scim("GET", "/Users?startIndex=2&count=1", null);
        assertThat(page.body().get("Resources")).hasSize(1);
        assertThat(page.body().get("startIndex").intValue()).isEqualTo(2);
        assertThat(page.body().get("totalResults").intValue()).isGreaterThanOrEqualTo(2);

        Reply replaced = scim("PUT", "/Users/" + id, user("paged3@example.com"));
        assertThat(replaced.body().get("userName").asString()).isEqualTo("paged3@example.com");
        assertThat(scim("GET", "/Users/" + id, null)
                        .body()
                        .at("/meta/resourceType")
                        .asString())
                .isEqualTo("User");
        JsonNode listed =
                admin.get("/access/identity_providers/" + provider + "/scim/users?username=paged3@example.com");
        assertThat(listed.at("/0/emails/0/value").asString()).isEqualTo("paged3@example.com");
    }

    @Test
    void badRequestsSaySoAndChangeNothing() {
        assertThat(scim("POST", "/Users", "{").status()).isEqualTo(400);
        assertThat(scim("POST", "/Users", "[]").status()).isEqualTo(400);
        assertThat(scim("POST", "/Users", "{\"userName\":\"\"}").status()).isEqualTo(400);
        assertThat(scim("POST", "/Users", "{\"userName\":\"a\",\"active\":\"maybe\"}")
                        .status())
                .isEqualTo(400);
        assertThat(scim("POST", "/Users", "{\"userName\":\"a\",\"userName\":\"b\"}")
                        .status())
                .isEqualTo(400);
        assertThat(scim("GET", filtered("Users", "userName sw \"a\""), null)
                        .body()
                        .get("scimType")
                        .asString())
                .isEqualTo("invalidFilter");
        assertThat(scim("GET", "/Users/not-an-id", null).status()).isEqualTo(404);
        assertThat(scim("GET", "/Things", null).status()).isEqualTo(404);
        assertThat(scim("PUT", "/Users", "{}").status()).isEqualTo(405);
        assertThat(scim("POST", "/Users", "{\"userName\":\"" + "x".repeat(600_000) + "\"}")
                        .status())
                .isEqualTo(413);
        Reply config = scim("GET", "/ServiceProviderConfig", null);
        assertThat(config.body().at("/patch/supported").booleanValue()).isTrue();
        for (String document : new String[] {"/ResourceTypes", "/Schemas", "/ResourceTypes/User"}) {
            assertThat(scim("GET", document, null).status()).isEqualTo(200);
        }
    }

    @Test
    void onlyTheSecretOfThisProviderOpensTheDoorAndANewOneShutsItForTheOld() {
        JsonNode other =
                admin.post("/access/identity_providers", body("no_action").replace("Directory", "Other"));
        String others = other.at("/scim_config/secret").asString();
        assertThat(others).startsWith("sallyport_scim_").isNotEqualTo(secret);
        for (String authorization : new String[] {
            "", "Bearer ", "Bearer x", "Bearer " + others, "Basic " + secret, "Bearer " + TestServer.ADMIN_TOKEN
        }) {
            Reply refused = scim("GET", "/Users", null, authorization);
            assertThat(refused.status()).as(authorization).isEqualTo(401);
            assertThat(refused.raw().first("WWW-Authenticate")).isEqualTo("Bearer");
        }
        String id = other.get("id").asString();
        assertThat(admin.get("/access/identity_providers/" + id)
                        .at("/scim_config/secret")
                        .isMissingNode())
                .isTrue();
        String kept = base;
        base = other.at("/scim_config/scim_base_url").asString();
        try {
            assertThat(scim("GET", "/Users", null, "Bearer " + others).status()).isEqualTo(200);
            String renewed = admin.post("/access/identity_providers/" + id + "/refresh_scim_secret", "{}")
                    .at("/scim_config/secret")
                    .asString();
            assertThat(scim("GET", "/Users", null, "Bearer " + others).status()).isEqualTo(401);
            assertThat(scim("GET", "/Users", null, "Bearer " + renewed).status())
                    .isEqualTo(200);
            admin.put(
                    "/access/identity_providers/" + id,
                    body("no_action").replace("Directory", "Other").replace("\"enabled\":true", "\"enabled\":false"));
            assertThat(scim("GET", "/Users", null, "Bearer " + renewed).status())
                    .isEqualTo(401);
        } finally {
            base = kept;
        }
    }

    @Test
    void changesAndRefusalsAreLoggedWithoutPasswords() {
        scim("POST", "/Users", user("logged@example.com"));
        scim("POST", "/Users", user("logged@example.com"));
        JsonNode log =
                admin.get("/access/logs/scim/updates?idp_id=" + provider + "&resource_user_email=logged@example.com");
        assertThat(log).hasSize(2);
        assertThat(log.at("/0/status").asString()).isEqualTo("FAILURE");
        assertThat(log.at("/0/error_description").asString()).isEqualTo("userName is taken");
        assertThat(log.at("/1/status").asString()).isEqualTo("SUCCESS");
        assertThat(log.at("/1/request_method").asString()).isEqualTo("POST");
        assertThat(log.at("/1/resource_type").asString()).isEqualTo("USER");
        assertThat(log.toString()).doesNotContain("hunter2");
    }
}
