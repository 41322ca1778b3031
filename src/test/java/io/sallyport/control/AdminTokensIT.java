package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Tokens of the admin API, from their making to their end. */
class AdminTokensIT {
    private static final String TOKENS = "/sallyport/tokens";

    @Test
    @DisplayName("AD-10, AD-05: a token is shown once, kept as a hash, and says when it was used")
    void lifeOfAToken() {
        Api.Answer created = Api.create(TOKENS, """
                {"name": "Terraform", "role": "editor", "expires_at": "2999-01-01T00:00:00Z"}""");
        String token = created.result().path("token").asString();
        String one = TOKENS + "/" + created.id();
        assertThat(token).matches("sallyport_[0-9A-Za-z]{40}[0-9a-f]{8}");
        assertThat(created.header("cache-control")).contains("no-store");
        JsonNode read = Api.get(one).result();
        assertThat(read.has("token")).isFalse();
        assertThat(read.path("status").asString()).isEqualTo("active");
        assertThat(read.path("last_used_at").isNull()).isTrue();
        assertThat(stored(token)).isZero();

        Api.Answer verified = as(token, "GET", "/user/tokens/verify", null);
        assertThat(verified.id()).isEqualTo(created.id().replace("-", ""));
        assertThat(verified.result().path("status").asString()).isEqualTo("active");
        assertThat(verified.result().path("expires_on").asString()).isEqualTo("2999-01-01T00:00:00Z");
        assertThat(Api.get(one).result().path("last_used_at").asString()).endsWith("Z");

        String second =
                Api.must("POST", one + "/rotate", null).result().path("token").asString();
        assertThat(verify(token)).isEqualTo(401);
        assertThat(verify(second)).isEqualTo(200);

        Api.must("POST", one + "/revoke", null);
        assertThat(verify(second)).isEqualTo(401);
        assertThat(Api.get(one).result().path("status").asString()).isEqualTo("revoked");
        assertThat(Api.call("POST", one + "/rotate", null).status()).isEqualTo(409);

        Api.must("DELETE", one, null);
        assertThat(Api.get(one).status()).isEqualTo(404);
        JsonNode trail = Api.get("/sallyport/audit?resource_id=" + created.id()).result();
        assertThat(trail.size()).isEqualTo(4);
        assertThat(trail.toString()).doesNotContain(token).doesNotContain(second);
    }

    @Test
    @DisplayName("AD-06: what a token of ours does carries its name in the trail")
    void theTrailNamesTheToken() {
        Api.Answer created = Api.create(TOKENS, "{\"name\": \"Ada's laptop\", \"role\": \"editor\"}");
        String tag = Api.unique("by-token");
        as(created.result().path("token").asString(), "POST", account("/access/tags"), "{\"name\": \"" + tag + "\"}");
        assertThat(Api.get("/sallyport/audit?resource_id=" + tag)
                        .result()
                        .path(0)
                        .path("actor")
                        .asString())
                .isEqualTo("token " + created.id() + " (Ada's laptop)");
    }

    @Test
    void mergingKeepsWhatIsAbsent() {
        Api.Answer created = Api.create(TOKENS, """
                {"name": "ci", "role": "owner", "scopes": {"groups": "write", "applications": "read"}}""");
        String one = TOKENS + "/" + created.id();
        JsonNode renamed = Api.must("PUT", one, "{\"name\": \"ci 2\"}").result();
        assertThat(renamed.path("name").asString()).isEqualTo("ci 2");
        assertThat(renamed.path("role").asString()).isEqualTo("owner");
        assertThat(renamed.path("scopes").path("groups").asString()).isEqualTo("write");
        assertThat(Api.must("PUT", one, "{\"scopes\": null}")
                        .result()
                        .path("scopes")
                        .isNull())
                .isTrue();
    }

    @Test
    @DisplayName("AD-10: nobody makes, widens, rotates or ends a token that may do more than his own")
    void nobodyRisesAboveHimself() {
        Api.Answer full = Api.create(TOKENS, "{\"name\": \"full\", \"role\": \"owner\"}");
        Api.Answer narrow = Api.create(TOKENS, """
                {"name": "narrow", "role": "owner", "scopes": {"api_tokens": "write", "groups": "write"}}""");
        String token = narrow.result().path("token").asString();
        String path = account(TOKENS);

        assertThat(as(token, "POST", path, "{\"name\": \"x\", \"role\": \"owner\"}")
                        .status())
                .isEqualTo(403);
        assertThat(as(
                                token,
                                "POST",
                                path,
                                "{\"name\": \"x\", \"role\": \"auditor\", \"scopes\": {\"users\": \"read\"}}")
                        .status())
                .isEqualTo(403);
        assertThat(as(
                                token,
                                "POST",
                                path,
                                "{\"name\": \"x\", \"role\": \"auditor\", \"scopes\": {\"groups\": \"read\"}}")
                        .status())
                .isEqualTo(200);
        assertThat(as(token, "PUT", path + "/" + narrow.id(), "{\"scopes\": null}")
                        .status())
                .isEqualTo(403);
        assertThat(as(token, "POST", path + "/" + full.id() + "/rotate", null).status())
                .isEqualTo(403);
        assertThat(as(token, "POST", path + "/" + full.id() + "/revoke", null).status())
                .isEqualTo(403);
        assertThat(as(token, "DELETE", path + "/" + full.id(), null).status()).isEqualTo(403);
        assertThat(as(token, "POST", path + "/bootstrap/retire", "{}").status()).isEqualTo(403);
        assertThat(verify(full.result().path("token").asString())).isEqualTo(200);
    }

    @Test
    @DisplayName(
            "AD-10: a token that ends prolongs neither itself nor its work: not by changing, making, rotating or a cert.pem")
    void nobodyOutlivesHimself() {
        String soon = "2999-01-01T00:00:00Z";
        String later = "2999-01-01T00:00:01Z";
        String may = "\"role\": \"owner\", \"scopes\": {\"api_tokens\": \"write\", \"tunnels\": \"write\","
                + " \"tunnel_tokens\": \"write\", \"dns\": \"write\"}";
        Api.Answer lent = Api.create(TOKENS, "{\"name\": \"lent\", %s, \"expires_at\": \"%s\"}".formatted(may, soon));
        Api.Answer endless = Api.create(TOKENS, "{\"name\": \"endless\", %s}".formatted(may));
        String token = lent.result().path("token").asString();
        String path = account(TOKENS);
        String itself = path + "/" + lent.id();

        for (String end : new String[] {"null", "\"" + later + "\""}) {
            assertThat(as(token, "PUT", itself, "{\"expires_at\": %s}".formatted(end))
                            .status())
                    .as(end)
                    .isEqualTo(403);
            assertThat(as(token, "POST", path, "{\"name\": \"x\", %s, \"expires_at\": %s}".formatted(may, end))
                            .status())
                    .as(end)
                    .isEqualTo(403);
        }
        assertThat(as(token, "POST", path, "{\"name\": \"x\", %s}".formatted(may))
                        .status())
                .isEqualTo(403);
        Api.Answer taken = as(token, "POST", path + "/" + endless.id() + "/rotate", null);
        assertThat(taken.status()).as("another's life is not taken over").isEqualTo(403);
        assertThat(taken.error().path("message").asString()).contains(soon);
        assertThat(verify(endless.result().path("token").asString())).isEqualTo(200);
        assertThat(Api.get(TOKENS + "/" + lent.id()).result().path("expires_at").asString())
                .isEqualTo(soon);

        assertThat(as(token, "POST", path, "{\"name\": \"x\", %s, \"expires_at\": \"%s\"}".formatted(may, soon))
                        .status())
                .isEqualTo(200);
        assertThat(as(token, "PUT", path + "/" + endless.id(), "{\"name\": \"still endless\"}")
                        .status())
                .isEqualTo(200);
        String second = as(token, "POST", itself + "/rotate", null)
                .result()
                .path("token")
                .asString();
        assertThat(as(
                                second,
                                "POST",
                                account("/sallyport/tunnel_certificates"),
                                "{\"api_url\": \"https://console.example.com/client/v4\"}")
                        .status())
                .isEqualTo(200);
        assertThat(Api.get(TOKENS + "?search=cert.pem&per_page=1000")
                        .result()
                        .valueStream()
                        .map(each -> each.path("expires_at").asString("")))
                .contains(soon);
    }

    @Test
    @DisplayName("AD-09: an owner whose token ends makes a successor that does not end with it")
    void anOwnerMakesASuccessor() {
        Api.Answer owner = Api.create(
                TOKENS, "{\"name\": \"old\", \"role\": \"owner\", \"expires_at\": \"2999-01-01T00:00:00Z\"}");
        String token = owner.result().path("token").asString();

        assertThat(as(token, "POST", account(TOKENS), "{\"name\": \"new\", \"role\": \"owner\"}")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"role": "owner"} | /name
            {"name": "x"} | /role
            {"name": "x", "role": "emperor"} | /role
            {"name": "x", "role": "owner", "scopes": {"nosuch": "read"}} | /scopes/nosuch
            {"name": "x", "role": "owner", "scopes": {"groups": "admin"}} | /scopes/groups
            {"name": "x", "role": "owner", "scopes": {"groups": true}} | /scopes/groups
            {"name": "x", "role": "owner", "scopes": ["groups"]} | /scopes
            {"name": "x", "role": "owner", "expires_at": "2001-01-01T00:00:00Z"} | /expires_at
            {"name": "x", "role": "owner", "expires_at": "tomorrow"} | /expires_at
            """)
    void badTokensAreRefused(String body, String pointer) {
        Api.Answer answer = Api.call("POST", TOKENS, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("source").path("pointer").asString()).isEqualTo(pointer);
    }

    @Test
    @DisplayName("AD-09, AD-01: the bootstrap token retires when an owner follows it; the last full credential stays")
    void bootstrapRetires() {
        Api.jdbc()
                .sql("update admin_tokens set revoked_at = now() where revoked_at is null")
                .update();
        try {
            assertThat(Api.call("POST", TOKENS + "/bootstrap/retire", "{}").status())
                    .as("nobody would be left")
                    .isEqualTo(409);
            Api.Answer owner = Api.create(TOKENS, "{\"name\": \"Ada\", \"role\": \"owner\"}");
            String ada = owner.result().path("token").asString();
            String one = account(TOKENS) + "/" + owner.id();
            Api.create(TOKENS, "{\"name\": \"half\", \"role\": \"owner\", \"scopes\": {\"groups\": \"write\"}}");
            Api.must("POST", TOKENS + "/bootstrap/retire", "{}");

            assertThat(Api.get("/access/apps").status()).isEqualTo(401);
            assertThat(verify(ada)).isEqualTo(200);
            assertThat(as(ada, "DELETE", one, null).status()).isEqualTo(409);
            assertThat(as(ada, "POST", one + "/revoke", null).status()).isEqualTo(409);
            assertThat(as(ada, "PUT", one, "{\"role\": \"editor\"}").status()).isEqualTo(409);
            assertThat(verify(ada)).as("nothing half-done").isEqualTo(200);
            assertThat(as(ada, "POST", account(TOKENS), "{\"name\": \"Grace\", \"role\": \"owner\"}")
                            .status())
                    .isEqualTo(200);
            assertThat(as(ada, "DELETE", one, null).status()).isEqualTo(200);
            assertThat(verify(ada)).isEqualTo(401);
        } finally {
            Api.jdbc().sql("delete from retired_bootstrap_tokens").update();
        }
    }

    private static long stored(String token) {
        return Api.jdbc()
                .sql("select count(*) from admin_tokens t where t::text like ?")
                .param("%" + token + "%")
                .query(Long.class)
                .single();
    }

    private static String account(String path) {
        return "/accounts/" + Api.account() + path;
    }

    private static int verify(String token) {
        return as(token, "GET", "/user/tokens/verify", null).status();
    }

    private static Api.Answer as(String token, String method, String path, String body) {
        return Api.send(method, path, body, "Authorization", "Bearer " + token);
    }
}
