package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import io.sallyport.token.Sha256;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, and what the refused learn. */
class AdminDoorIT {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer",
                "Authorization: Bearer wrong-token-wrong-token",
                "Authorization: Basic dGVzdDp0ZXN0",
                "Authorization: " + TestServer.ADMIN_TOKEN,
                "X-Auth-Key: " + TestServer.ADMIN_TOKEN,
                "Cookie: CF_Authorization=" + TestServer.ADMIN_TOKEN
            })
    @DisplayName("AD-03: without a valid bearer token there is nothing but 401")
    void refuses(String header) {
        String[] parts = header.split(": ?", 2);
        Api.Answer answer = Api.send("GET", "/accounts", null, parts[0], parts[1]);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.error().path("code").asInt()).isEqualTo(10000);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.header("www-authenticate"))
                .as("RFC 9110 §15.5.2; this scheme opens no window in a browser")
                .isEqualTo("Bearer");
        assertThat(answer.response().headers().firstValue("set-cookie")).isEmpty();
    }

    @Test
    void twoAuthorizationHeadersAreNone() {
        Api.Answer answer =
                Api.send("GET", "/accounts", null, Api.withToken("Authorization", "Bearer " + TestServer.ADMIN_TOKEN));
        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void aStrangerCannotTellPathsApart() {
        assertThat(Api.send("GET", "/nosuch", null).status()).isEqualTo(401);
        assertThat(Api.send("GET", "/accounts/0123456789abcdef0123456789abcdef/access/apps", null)
                        .status())
                .isEqualTo(401);
    }

    @Test
    @DisplayName("AD-02: another account's id answers as if absent")
    void foreignAccountsAreAbsent() {
        for (String path : new String[] {
            "/accounts/0123456789abcdef0123456789abcdef",
            "/accounts/0123456789abcdef0123456789abcdef/access/apps",
            "/zones/0123456789abcdef0123456789abcdef/access/apps"
        }) {
            Api.Answer answer = Api.send("GET", path, null, Api.withToken());
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.error().path("code").asInt()).isEqualTo(7003);
        }
    }

    @Test
    @DisplayName("AD-02, AD-10: an auditor reads, an editor writes, an expired or revoked token does nothing")
    void rolesAndLifetimes() {
        String path = "/accounts/" + Api.account() + "/access/tags";
        String tag = "{\"name\": \"" + Api.unique("by-editor") + "\"}";
        Instant soon = Instant.parse("2999-01-01T00:00:00Z");
        Instant past = Instant.parse("2001-01-01T00:00:00Z");
        String auditor = token("auditor", soon, null);
        assertThat(Api.send("GET", path, null, "Authorization", "bearer " + auditor)
                        .status())
                .isEqualTo(200);
        Api.Answer refused = Api.send("POST", path, tag, "Authorization", "Bearer " + auditor);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.error().path("code").asInt()).isEqualTo(10000);
        assertThat(Api.send("POST", path, tag, "Authorization", "Bearer " + token("editor", null, null))
                        .status())
                .isEqualTo(200);
        assertThat(Api.send("GET", path, null, "Authorization", "Bearer " + token("owner", past, null))
                        .status())
                .isEqualTo(401);
        assertThat(Api.send("GET", path, null, "Authorization", "Bearer " + token("owner", null, past))
                        .status())
                .isEqualTo(401);
        assertThat(Api.send("GET", path, null, "Authorization", "Bearer " + token("emperor", null, null))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void theTokenCanBeVerified() {
        Api.Answer answer = Api.send("GET", "/user/tokens/verify", null, Api.withToken());
        assertThat(answer.result().path("status").asString()).isEqualTo("active");
        assertThat(answer.id()).matches("[0-9a-f]{32}");
    }

    @Test
    @DisplayName("AD-01: the API answers on the console's host only")
    void otherHostsHaveNoApi() {
        for (String host : new String[] {"auth.localhost", "wiki.example.com"}) {
            RawHttp.Response answer = RawHttp.exchange(
                    Api.server().port(),
                    "GET /client/v4/accounts HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer "
                            + TestServer.ADMIN_TOKEN + "\r\nConnection: close\r\n\r\n");
            assertThat(answer.status()).as(host).isNotEqualTo(200);
            assertThat(answer.text()).as(host).doesNotContain("\"success\"");
        }
    }

    @Test
    @DisplayName("AD-02: what every token may ask of the gateway names only what the token may read")
    void theExaminationNamesNothingThatTheTokenMayNotRead() {
        String host = "a-0." + Api.uniqueHost(); // among the first, of which alone it tells
        String application = Api.create(
                        "/access/apps",
                        "{\"type\": \"self_hosted\", \"name\": \"examined\", \"domain\": \"%s\"}".formatted(host))
                .id();
        String name = Api.unique("Broken");
        String provider =
                Api.create("/access/identity_providers", """
                {"name": "%s", "type": "okta", "config": {"client_id": "a", "client_secret": "b", "okta_account": "x.okta.com"}}""".formatted(name)).id();
        try {
            Api.jdbc()
                    .sql("update identity_providers set secret = '\\x00' where id = cast(? as uuid)")
                    .param(provider)
                    .update();
            Api.must(
                    "PUT",
                    "/access/apps/" + application,
                    "{\"type\": \"self_hosted\", \"name\": \"again\", \"domain\": \"%s\"}".formatted(host));
            await("the broken provider to be known")
                    .atMost(Duration.ofSeconds(10))
                    .until(() ->
                            Api.get("/sallyport/doctor").envelope().toString().contains(name));

            Api.Answer narrow = examined("{\"tags\": \"read\"}");
            Api.Answer wide = examined("{\"applications\": \"read\", \"identity_providers\": \"read\"}");

            assertThat(narrow.status()).isEqualTo(200);
            assertThat(narrow.result().get("hosts"))
                    .as("the team domain is no secret")
                    .hasSize(1);
            assertThat(narrow.result().path("healthy").asBoolean()).isFalse();
            assertThat(narrow.envelope().toString()).doesNotContain(host, name);
            assertThat(wide.envelope().toString()).contains(host, name);
        } finally {
            Api.must("DELETE", "/access/identity_providers/" + provider, null);
            Api.must("DELETE", "/access/apps/" + application, null);
        }
    }

    private static Api.Answer examined(String scopes) {
        String token = Api.create(
                        "/sallyport/tokens",
                        "{\"name\": \"narrow\", \"role\": \"owner\", \"scopes\": %s}".formatted(scopes))
                .result()
                .path("token")
                .asString();
        return Api.send(
                "GET", "/accounts/" + Api.account() + "/sallyport/doctor", null, "Authorization", "Bearer " + token);
    }

    private static String token(String role, @Nullable Instant expires, @Nullable Instant revoked) {
        String token = Api.unique("test-token") + UUID.randomUUID();
        Api.jdbc()
                .sql("""
                        insert into admin_tokens (id, name, token_hash, role, expires_at, revoked_at, created_at, updated_at)
                        values (?, 'test', ?, ?, ?, ?, now(), now())""")
                .param(UUID.randomUUID())
                .param(Sha256.of(token))
                .param(role)
                .param(expires == null ? null : Timestamp.from(expires))
                .param(revoked == null ? null : Timestamp.from(revoked))
                .update();
        return token;
    }
}
