package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Secrets go in, and come out once or never. */
class SecretsIT {
    @Test
    @DisplayName("ST-01: a service token's secret is shown once and kept as a hash")
    void serviceTokenSecretIsShownOnce() {
        Api.Answer created = Api.create("/access/service_tokens", "{\"name\": \"ci\"}");
        String secret = created.result().path("client_secret").asString();
        assertThat(secret).matches("cfast_[0-9A-Za-z]{40}[0-9a-f]{8}");
        assertThat(secret).endsWith(ShownOnceSecret.checksum(secret.substring(6, 46)));
        assertThat(created.result().path("client_id").asString()).matches("[0-9a-f]{32}\\.access");
        assertThat(created.result().path("duration").asString()).isEqualTo("8760h");
        assertThat(created.header("cache-control")).isEqualTo("no-store");

        assertThat(Api.get("/access/service_tokens/" + created.id()).result().has("client_secret"))
                .isFalse();
        assertThat(Api.get("/access/service_tokens?per_page=1000").envelope().toString())
                .doesNotContain("client_secret\"");
        assertThat(Api.get("/sallyport/audit?per_page=1000").envelope().toString())
                .doesNotContain(secret);
        assertThat(dump()).doesNotContain(secret);
        byte[] hash = Api.jdbc()
                .sql("select secret_hash from service_tokens where id = cast(? as uuid)")
                .param(created.id())
                .query(byte[].class)
                .single();
        assertThat(hash).isEqualTo(Sha256.of(secret));
    }

    @Test
    @DisplayName(
            "AD-05: what signs in at an application's directory is not kept; 34 asterisks stand for it, which Terraform compares")
    void outwardSecretsAreConcealed() {
        Api.Answer made = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "outward", "domain": "%s", "scim_config": {"remote_uri": "https://s.example.com",
                 "authentication": {"scheme": "httpbasic", "user": "u", "password": "not-for-us"}}}""".formatted(Api.uniqueHost()));
        String path = "/access/apps/" + made.id();
        String shown = "{\"user\":\"u\",\"scheme\":\"httpbasic\",\"password\":\"**********************************\"}";
        assertThat(made.result().at("/scim_config/authentication")).isEqualTo(Api.json(shown));
        assertThat(dump()).doesNotContain("not-for-us");

        Api.must("PUT", path, Api.get(path).result().toString());
        assertThat(Api.get(path).result().at("/scim_config/authentication")).isEqualTo(Api.json(shown));
    }

    @Test
    @DisplayName("ST-04: rotation keeps the client id, and the old secret for the chosen grace only")
    void rotation() {
        Api.Answer created = Api.create("/access/service_tokens", "{\"name\": \"rotated\"}");
        String path = "/access/service_tokens/" + created.id();
        String grace = Instant.parse("2999-01-01T00:00:00Z").toString();

        Api.Answer bare = Api.must("POST", path + "/rotate", null);
        assertThat(bare.result().path("client_id")).isEqualTo(created.result().path("client_id"));
        assertThat(bare.result().path("client_secret"))
                .isNotEqualTo(created.result().path("client_secret"));
        assertThat(bare.result().path("client_secret_version").asInt()).isEqualTo(2);
        assertThat(bare.result().has("previous_client_secret_expires_at")).isFalse();

        Api.Answer graceful =
                Api.must("POST", path + "/rotate", "{\"previous_client_secret_expires_at\": \"" + grace + "\"}");
        assertThat(graceful.result().path("previous_client_secret_expires_at").asString())
                .isEqualTo(grace);

        Api.Answer versioned = Api.must("PUT", path, "{\"client_secret_version\": 7}");
        assertThat(versioned.result().path("client_secret").asString()).startsWith("cfast_");
        assertThat(versioned.result().path("client_secret_version").asInt()).isEqualTo(7);
        assertThat(versioned.result().path("name").asString()).isEqualTo("rotated");

        Api.Answer same = Api.must("PUT", path, "{\"client_secret_version\": 7, \"enabled\": false}");
        assertThat(same.result().has("client_secret")).isFalse();
        assertThat(same.result().path("enabled").asBoolean()).isFalse();
        assertThat(Api.call("PUT", path, "{\"client_secret_version\": 6}").status())
                .isEqualTo(400);
    }

    @Test
    @DisplayName("Terraform v4 sends version 0 with everything, which asks for nothing")
    void versionZeroIsNoVersion() {
        Api.Answer created =
                Api.create("/access/service_tokens", "{\"name\": \"from v4\", \"client_secret_version\": 0}");
        assertThat(created.result().path("client_secret_version").asInt()).isEqualTo(1);

        Api.Answer renamed = Api.must(
                "PUT",
                "/access/service_tokens/" + created.id(),
                "{\"name\": \"renamed\", \"client_secret_version\": 0}");
        assertThat(renamed.result().has("client_secret")).isFalse();
        assertThat(renamed.result().path("client_secret_version").asInt()).isEqualTo(1);
    }

    @Test
    void refreshMovesTheEnd() {
        Api.Answer created = Api.create("/access/service_tokens", "{\"name\": \"r\", \"duration\": \"1h\"}");
        Instant end = Instant.parse(created.result().path("expires_at").asString());
        Api.jdbc()
                .sql(
                        "update service_tokens set expires_at = expires_at - interval '30 minutes' where id = cast(? as uuid)")
                .param(created.id())
                .update();
        Api.Answer refreshed = Api.must("POST", "/access/service_tokens/" + created.id() + "/refresh", null);
        assertThat(Instant.parse(refreshed.result().path("expires_at").asString()))
                .isAfterOrEqualTo(end);
        assertThat(Api.create("/access/service_tokens", "{\"name\": \"f\", \"duration\": \"forever\"}")
                        .result()
                        .path("expires_at")
                        .isNull())
                .isTrue();
    }

    @Test
    @DisplayName("AD-05: a provider's secret is write-only; a PUT without it keeps it, a PUT with one replaces it")
    void providerSecretIsWriteOnly() {
        String body = """
                {"name": "Keycloak", "type": "oidc", "config": {"client_id": "c"%s, "issuer": "https://idp.example.com"}}""";
        Api.Answer created =
                Api.create("/access/identity_providers", body.formatted(", \"client_secret\": \"hunter2-hunter2\""));
        String path = "/access/identity_providers/" + created.id();
        assertThat(created.envelope().toString()).doesNotContain("hunter2").doesNotContain("client_secret");
        byte[] first = wrapped(created.id());
        assertThat(first).isNotEmpty();

        Api.must("PUT", path, body.formatted(""));
        Api.must("PUT", path, body.formatted(", \"client_secret\": null"));
        assertThat(wrapped(created.id())).isEqualTo(first);

        Api.must("PUT", path, body.formatted(", \"client_secret\": \"other-secret\""));
        assertThat(wrapped(created.id())).isNotEqualTo(first);

        assertThat(Api.get(path).envelope().toString()).doesNotContain("other-secret");
        assertThat(dump()).doesNotContain("hunter2").doesNotContain("other-secret");
        assertThat(Api.get(path).result().path("config").path("redirect_url").asString())
                .endsWith("/cdn-cgi/access/callback");
    }

    @Test
    @DisplayName("AD-05: who does not know a provider's secret cannot have it sent to an address of their own")
    void providerSecretStaysWhereItGoes() {
        String body = """
                {"name": "Hub", "type": "oidc", "config": {"client_id": "c"%s, "auth_url": "https://idp.example.com/a",
                 "certs_url": "https://idp.example.com/c", "token_url": "https://%s/t"}}""";
        String secret = ", \"client_secret\": \"hunter2-hunter2\"";
        String path = "/access/identity_providers/"
                + Api.create("/access/identity_providers", body.formatted(secret, "idp.example.com"))
                        .id();

        Api.Answer refused = Api.call("PUT", path, body.formatted("", "mallory.example.net"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().at("/source/pointer").asString()).isEqualTo("/config/client_secret");
        assertThat(Api.call(
                                "PUT",
                                path,
                                body.formatted("", "idp.example.com")
                                        .replace(
                                                "\"auth_url\"",
                                                "\"issuer\": \"https://mallory.example.net\", \"auth_url\""))
                        .status())
                .as("discovery names the token endpoint")
                .isEqualTo(400);

        Api.must("PUT", path, body.formatted("", "idp.example.com").replace("Hub", "Another name"));
        Api.must("PUT", path, body.formatted(secret, "mallory.example.net"));
    }

    @Test
    @DisplayName("AD-05: secrets of features we do not act on are not kept at all")
    void foreignSecretsAreDropped() {
        Api.Answer app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "s", "domain": "%s", "scim_config": {"enabled": false,
                 "authentication": {"scheme": "httpbasic", "user": "u", "password": "pa55word-kept-nowhere"}}}""".formatted(Api.uniqueHost()));
        assertThat(app.result()
                        .path("scim_config")
                        .path("authentication")
                        .path("user")
                        .asString())
                .isEqualTo("u");
        assertThat(dump()).doesNotContain("pa55word");
    }

    @Test
    @DisplayName(
            "SE-01: a tunnel's secret and a certificate's token are stored under the master key or as a hash alone")
    void tunnelSecretsAreEnveloped() {
        String secret =
                Base64.getEncoder().encodeToString("a tunnel's secret of 32 bytes...".getBytes(StandardCharsets.UTF_8));
        Api.Answer tunnel = Api.create(
                "/cfd_tunnel", "{\"name\": \"" + Api.unique("sealed") + "\", \"tunnel_secret\": \"" + secret + "\"}");
        Api.must("PATCH", "/cfd_tunnel/" + tunnel.id(), "{\"name\": \"" + Api.unique("renamed") + "\"}");
        String certificate = Api.create(
                        "/sallyport/tunnel_certificates", "{\"api_url\": \"https://c.example.com/client/v4\"}")
                .result()
                .path("certificate")
                .asString();
        String base64 =
                certificate.lines().filter(line -> !line.startsWith("-")).reduce("", String::concat);
        String token = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8)
                .replaceFirst(".*\"apiToken\":\"([^\"]+)\".*", "$1");
        assertThat(token).hasSizeGreaterThan(40);
        assertThat(dump())
                .doesNotContain(secret)
                .doesNotContain(tunnel.result().path("token").asString())
                .doesNotContain(HexFormat.of().formatHex("a tunnel's secret".getBytes(StandardCharsets.UTF_8)))
                .doesNotContain(token);
    }

    private static byte[] wrapped(String id) {
        return Api.jdbc()
                .sql("select secret from identity_providers where id = cast(? as uuid)")
                .param(id)
                .query(byte[].class)
                .single();
    }

    /** Every row of every table, as text. */
    private static String dump() {
        StringBuilder dump = new StringBuilder();
        List<Map<String, Object>> tables = Api.jdbc()
                .sql("select table_name as t from information_schema.tables where table_schema = 'public'")
                .query()
                .listOfRows();
        for (Map<String, Object> table : tables) {
            Api.jdbc()
                    .sql("select row_to_json(x)::text from \"" + table.get("t") + "\" x")
                    .query(String.class)
                    .list()
                    .forEach(dump::append);
        }
        assertThat(dump).hasSizeGreaterThan(100);
        return dump.toString();
    }

    @Test
    void keysRotate() {
        JsonNode before = Api.get("/access/keys").result();
        assertThat(before.path("key_rotation_interval_days").asInt()).isEqualTo(42);
        try {
            assertThat(Api.must("PUT", "/access/keys", "{\"key_rotation_interval_days\": 30}")
                            .result()
                            .path("key_rotation_interval_days")
                            .asInt())
                    .isEqualTo(30);
            assertThat(Api.must("POST", "/access/keys/rotate", null).result().has("last_key_rotation_at"))
                    .isTrue();
        } finally {
            Api.must("PUT", "/access/keys", "{\"key_rotation_interval_days\": 42}");
        }
    }
}
