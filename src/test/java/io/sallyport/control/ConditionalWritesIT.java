package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code If-Match} counts at every write to something that is there already: actions, settings and keys included (AD-07). */
@TestInstance(Lifecycle.PER_CLASS)
class ConditionalWritesIT {
    /** What takes a condition by the document and can have none: there is no state of which a tag could speak. */
    private static final Set<String> STATELESS = Set.of(
            "patch /client/v4/accounts/{account}/access/seats",
            "delete /client/v4/accounts/{account}/cfd_tunnel/{id}/connections",
            "put /client/v4/zones/{zone}/tunnels/{id}/routes");

    /**
     * One conditional write.
     *
     * @param operation method and path as the document spells them
     * @param state where the tag is read
     * @param path that is written to
     */
    record Write(String operation, String state, String path, String body) {
        String method() {
            return operation.substring(0, operation.indexOf(' ')).toUpperCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return operation;
        }
    }

    private final List<Write> writes = writes();

    List<Write> all() {
        return writes;
    }

    private static List<Write> writes() {
        List<Write> writes = new ArrayList<>();
        String app = "/access/apps/" + create("/access/apps", """
                {"type": "self_hosted", "name": "conditional", "domain": "%s"}""".formatted(Api.uniqueHost()));
        add(
                writes,
                "put",
                app,
                "/access/apps/{id}",
                "{\"type\": \"self_hosted\", \"name\": \"c\", \"domain\": \"" + Api.uniqueHost() + "\"}");
        add(writes, "put", app, app + "/settings", "/access/apps/{id}/settings", "{\"allow_iframe\": true}");
        add(writes, "patch", app, app + "/settings", "/access/apps/{id}/settings", "{\"allow_iframe\": false}");
        add(writes, "post", app, app + "/revoke_tokens", "/access/apps/{id}/revoke_tokens", null);
        add(writes, "post", app, app + "/revoke-tokens", "/access/apps/{id}/revoke-tokens", null);
        String own = app + "/policies/" + create(app + "/policies", Api.policyBody("own"));
        add(writes, "put", own, "/access/apps/{app}/policies/{id}", Api.policyBody("own again"));
        add(writes, "put", own, own + "/make_reusable", "/access/apps/{app}/policies/{id}/make_reusable", null);
        add(writes, "delete", own, "/access/apps/{app}/policies/{id}", null);
        add(writes, "delete", app, "/access/apps/{id}", null);

        object(writes, "/access/bookmarks", """
                {"name": "b", "domain": "https://wages.example.com"}""", """
                {"name": "b", "domain": "https://pay.example.com"}""");
        object(writes, "/access/policies", Api.policyBody("p"), Api.policyBody("q"));
        String group = "{\"name\": \"g\", \"include\": [{\"everyone\": {}}]}";
        object(writes, "/access/groups", group, group);
        object(
                writes,
                "/access/tags",
                "{\"name\": \"%s\"}".formatted(Api.unique("cond")),
                "{\"name\": \"%s\"}".formatted(Api.unique("cond")),
                "{name}");
        object(
                writes,
                "/access/users",
                "{\"email\": \"%s@example.com\"}".formatted(Api.unique("cond")),
                "{\"name\": \"Ada\"}");
        object(writes, "/access/custom_pages", """
                {"name": "p", "type": "forbidden", "custom_html": "x"}""", """
                {"name": "p", "type": "forbidden", "custom_html": "y"}""");
        object(
                writes,
                "/sallyport/origins",
                "{\"hostname\": \"%s\", \"service\": \"http://10.0.0.1\"}".formatted(Api.uniqueHost()),
                "{\"hostname\": \"%s\", \"service\": \"http://10.0.0.2\"}".formatted(Api.uniqueHost()));

        String provider = "/access/identity_providers/" + create("/access/identity_providers", """
                {"name": "i", "type": "okta", "config": {"client_id": "c", "okta_account": "https://example.okta.com"}, "scim_config": {"enabled": true}}""");
        add(
                writes,
                "post",
                provider,
                provider + "/refresh_scim_secret",
                "/access/identity_providers/{id}/refresh_scim_secret",
                null);
        add(
                writes,
                "put",
                provider,
                provider + "/refresh_scim_secret",
                "/access/identity_providers/{id}/refresh_scim_secret",
                null);
        add(writes, "put", provider, "/access/identity_providers/{id}", """
                {"name": "j", "type": "okta", "config": {"client_id": "c", "okta_account": "https://example.okta.com"}}""");
        add(writes, "delete", provider, "/access/identity_providers/{id}", null);

        String token = "/access/service_tokens/" + create("/access/service_tokens", "{\"name\": \"t\"}");
        add(writes, "post", token, token + "/rotate", "/access/service_tokens/{id}/rotate", "{}");
        add(writes, "post", token, token + "/refresh", "/access/service_tokens/{id}/refresh", null);
        add(writes, "put", token, "/access/service_tokens/{id}", "{\"name\": \"u\"}");
        add(writes, "delete", token, "/access/service_tokens/{id}", null);

        String admin = "/sallyport/tokens/" + create("/sallyport/tokens", "{\"name\": \"t\", \"role\": \"auditor\"}");
        add(writes, "post", admin, admin + "/rotate", "/sallyport/tokens/{id}/rotate", null);
        add(writes, "put", admin, "/sallyport/tokens/{id}", "{\"name\": \"u\"}");
        add(writes, "post", admin, admin + "/revoke", "/sallyport/tokens/{id}/revoke", null);
        add(writes, "delete", admin, "/sallyport/tokens/{id}", null);

        String list = "/gateway/lists/" + create("/gateway/lists", "{\"name\": \"l\", \"type\": \"IP\"}");
        add(writes, "put", list, "/gateway/lists/{id}", "{\"name\": \"m\"}");
        add(writes, "patch", list, "/gateway/lists/{id}", "{\"append\": [{\"value\": \"192.0.2.1\"}]}");
        add(writes, "delete", list, "/gateway/lists/{id}", null);

        String authority = "/access/certificates/"
                + create(
                        "/access/certificates",
                        Api.json("{\"name\": \"c\"}")
                                .put("certificate", Api.authority())
                                .toString());
        add(writes, "put", authority, "/access/certificates/{id}", "{\"associated_hostnames\": []}");
        add(writes, "delete", authority, "/access/certificates/{id}", null);
        add(writes, "put", "/access/certificates/settings", "/access/certificates/settings", """
                {"settings": [{"hostname": "cond.example.com", "client_certificate_forwarding": true}]}""");

        add(writes, "put", "/access/keys", "/access/keys", "{\"key_rotation_interval_days\": 41}");
        add(writes, "post", "/access/keys", "/access/keys/rotate", "/access/keys/rotate", null);
        add(writes, "put", "/access/organizations", "/access/organizations", "{\"auto_redirect_to_identity\": false}");
        add(writes, "patch", "/access/organizations", "/access/organizations", "{\"auto_redirect_to_identity\": null}");

        String saml = "/access/identity_providers/"
                + create("/access/identity_providers", """
                {"name": "s", "type": "saml", "config": {"issuer_url": "https://idp.example.com", "sso_target_url": "https://idp.example.com/sso",
                 "idp_public_cert": %s}}""".formatted(
                                JsonMapper.shared().writeValueAsString(Api.authority())));
        add(writes, "post", saml, saml + "/saml_certificate", "/access/identity_providers/{id}/saml_certificate", null);
        String set = "/access/saml_certificates/" + create(saml + "/saml_certificate", null);
        add(writes, "post", set, set + "/rotate", "/access/saml_certificates/{id}/rotate", null);
        String vouching = """
                {"name": "w", "issuer": "https://%s", "jwks_url": "https://id.example.com/keys", "audience": "a"}""".formatted(Api.uniqueHost());
        String issuer = "/sallyport/workload_issuers/" + create("/sallyport/workload_issuers", vouching);
        add(writes, "put", issuer, "/sallyport/workload_issuers/{id}", vouching.replace("\"w\"", "\"v\""));
        add(writes, "delete", issuer, "/sallyport/workload_issuers/{id}", null);

        String tunnel = "/cfd_tunnel/"
                + create(
                        "/cfd_tunnel",
                        "{\"name\": \"%s\", \"config_src\": \"cloudflare\"}".formatted(Api.unique("cond")));
        add(writes, "put", tunnel + "/configurations", "/cfd_tunnel/{id}/configurations", """
                {"config": {"ingress": [{"service": "http_status:404"}]}}""");
        add(writes, "patch", tunnel, "/cfd_tunnel/{id}", "{\"name\": \"%s\"}".formatted(Api.unique("cond")));
        add(writes, "delete", tunnel, "/cfd_tunnel/{id}", null);
        records(writes);
        zones(writes);
        return List.copyOf(writes);
    }

    private static String create(String path, String body) {
        JsonNode made = Api.create(path, body).result();
        return made.path(made.has("id") ? "id" : made.has("uid") ? "uid" : "name")
                .asString();
    }

    /** An object that is replaced and deleted at its own path. */
    private static void object(List<Write> writes, String path, String body, String other) {
        object(writes, path, body, other, "{id}");
    }

    private static void object(List<Write> writes, String path, String body, String other, String variable) {
        String one = path + "/" + create(path, body);
        add(writes, "put", one, path + "/" + variable, other);
        String two = variable.equals("{name}")
                ? path + "/" + Api.json(other).path("name").asString()
                : one;
        add(writes, "delete", two, path + "/" + variable, null);
    }

    private static void add(List<Write> writes, String method, String place, String template, String body) {
        add(writes, method, place, place, template, body);
    }

    private static void add(
            List<Write> writes, String method, String state, String path, String template, String body) {
        String account = "/accounts/" + Api.account();
        writes.add(
                new Write(method + " /client/v4/accounts/{account}" + template, account + state, account + path, body));
    }

    /** The zone's records, which an account has none of. */
    private static void records(List<Write> writes) {
        String zone = "/zones/"
                + Api.send("GET", "/zones", null, Api.withToken())
                        .result()
                        .path(0)
                        .path("id")
                        .asString();
        String body =
                "{\"type\": \"CNAME\", \"name\": \"%s\", \"content\": \"a.example.com\"}".formatted(Api.uniqueHost());
        String one = zone + "/dns_records/"
                + Api.send("POST", zone + "/dns_records", body, Api.withToken()).id();
        for (String method : List.of("put", "patch", "delete")) {
            writes.add(new Write(
                    method + " /client/v4/zones/{zone}/dns_records/{id}",
                    one,
                    one,
                    method.equals("delete") ? null : body.replace("a.example", method + ".example")));
        }
    }

    private static void zones(List<Write> writes) {
        String body = "{\"name\": \"" + Api.unique("conditional") + ".example.net\"}";
        String zone =
                "/zones/" + Api.send("POST", "/zones", body, Api.withToken()).id();
        writes.add(new Write("patch /client/v4/zones/{zone}", zone, zone, "{\"paused\": true}"));
        writes.add(new Write("delete /client/v4/zones/{zone}", zone, zone, null));
    }

    private static Api.Answer send(String method, String path, String body, String... headers) {
        return Api.send(method, path, body, Api.withToken(headers));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    @DisplayName("AD-07: with the tag of another state it is 412 and changes nothing, with the present one it is done")
    void conditionsCount(Write write) {
        String tag = send("GET", write.state(), null).header("etag");
        assertThat(tag).as(write.state()).startsWith("\"");
        long records = records();

        Api.Answer refused = send(write.method(), write.path(), write.body(), "If-Match", "\"another\"");
        assertThat(refused.status()).as(refused.envelope().toString()).isEqualTo(412);
        assertThat(refused.error().path("code").asInt()).isEqualTo(12130);
        assertThat(refused.error().path("message").asString()).contains("read it again");
        assertThat(send("GET", write.state(), null).header("etag")).isEqualTo(tag);
        assertThat(records()).as("nothing happened, so nothing is recorded").isEqualTo(records);

        Api.Answer done = send(write.method(), write.path(), write.body(), "If-Match", "\"another\", " + tag);
        assertThat(done.status()).as(done.envelope().toString()).isEqualTo(200);
    }

    private static long records() {
        return Api.get("/sallyport/audit?per_page=1")
                .envelope()
                .path("result_info")
                .path("total_count")
                .asLong();
    }

    @Test
    @DisplayName("every operation that takes If-Match by the document is tried here")
    void noneIsForgotten() {
        Set<String> documented = new TreeSet<>();
        new Contract()
                .document()
                .path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    boolean conditional = operation
                            .getValue()
                            .path("parameters")
                            .valueStream()
                            .anyMatch(each -> each.path("$ref").asString("").endsWith("/if_match"));
                    String name = operation.getKey() + " " + path.getKey();
                    boolean again = path.getKey().startsWith("/client/v4/zones/{zone}/access/");
                    if (conditional && !again && !STATELESS.contains(name)) {
                        documented.add(name);
                    }
                }));
        assertThat(writes.stream().map(Write::operation)).containsAll(documented);
    }

    @AfterAll
    static void putBack() {
        Api.must("PUT", "/access/keys", "{\"key_rotation_interval_days\": 42}");
        Api.must("PUT", "/access/certificates/settings", "{\"settings\": []}");
    }
}
