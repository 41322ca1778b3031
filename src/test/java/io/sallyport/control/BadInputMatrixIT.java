package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The same kinds of bad input at every kind of resource, made from a body that is good (AD-04, AD-08). */
class BadInputMatrixIT {
    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * One kind of resource.
     *
     * @param path of its collection, below the account
     * @param body a good one, new at every call
     * @param name the member that names it, which has a longest length
     * @param longest of the name
     * @param code of what is wrong with a body
     */
    record Kind(String path, Supplier<String> body, String name, int longest, int code) {
        Kind(String path, Supplier<String> body) {
            this(path, body, "name", Limits.NAME, 12130);
        }

        ObjectNode good() {
            return Api.json(body.get());
        }

        @Override
        public String toString() {
            return path.replaceFirst("[0-9a-f-]{36}", "{app}");
        }
    }

    static Stream<Kind> kinds() {
        String app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "owner", "domain": "%s"}""".formatted(Api.uniqueHost())).id();
        String group = Api.group();
        return Stream.of(
                new Kind("/access/apps", () -> """
                        {"type": "self_hosted", "name": "a", "domain": "%s", "session_duration": "8h", "allowed_idps": ["%s"], "tags": [],
                         "auto_redirect_to_identity": true, "app_launcher_visible": false, "custom_deny_message": "no", "logo_url": "https://a.example",
                         "cors_headers": {"allow_all_methods": true, "allow_all_origins": true}, "same_site_cookie_attribute": "lax",
                         "sallyport_app_passes": {"enabled": true}, "policies": ["%s"]}""".formatted(Api.uniqueHost(), Api.oneTimePin(), Api.policy())),
                new Kind(
                        "/access/apps/" + app + "/policies",
                        () -> Api.json(Api.policyBody(Api.unique("own")))
                                .put("session_duration", "1h")
                                .toString()),
                new Kind("/access/policies", () -> """
                        {"name": "p", "decision": "allow", "include": [{"group": {"id": "%s"}}], "exclude": [{"ip": {"ip": "192.0.2.1"}}],
                         "require": [{"email_domain": {"domain": "example.com"}}], "session_duration": "1h", "purpose_justification_required": true,
                         "purpose_justification_prompt": "Why?", "sallyport_report_only": true, "isolation_required": false,
                         "approval_groups": [{"approvals_needed": 1, "email_addresses": ["a@example.com"]}]}""".formatted(group)),
                new Kind("/access/groups", () -> """
                        {"name": "g", "include": [{"everyone": {}}], "exclude": [{"geo": {"country_code": "DE"}}], "require": [{"certificate": {}}],
                         "is_default": false}"""),
                new Kind("/access/identity_providers", () -> """
                        {"name": "i", "type": "oidc", "config": {"client_id": "c", "client_secret": "s", "issuer": "https://id.example.com",
                         "claims": ["groups"], "scopes": ["openid"], "pkce_enabled": true, "email_claim_name": "mail"},
                         "scim_config": {"enabled": false, "user_deprovision": false}}"""),
                new Kind("/access/service_tokens", () -> """
                        {"name": "s", "duration": "8760h", "enabled": true, "client_secret_version": 1}"""),
                new Kind("/access/users", () -> """
                        {"email": "%s@example.com", "name": "Ada"}""".formatted(Api.unique("matrix"))),
                new Kind("/access/tags", () -> """
                        {"name": "%s"}""".formatted(Api.unique("matrix"))),
                new Kind("/gateway/lists", () -> """
                        {"name": "l", "type": "EMAIL", "description": "who", "items": [{"value": "a@example.com", "description": "Ada"}]}"""),
                new Kind(
                        "/access/certificates",
                        () -> Api.json("""
                        {"name": "c", "associated_hostnames": ["mtls.example.com"], "revocation": "named"}""").put("certificate", Api.authority()).toString()),
                new Kind("/access/custom_pages", () -> """
                        {"name": "p", "type": "forbidden", "custom_html": "<p>no</p>"}"""),
                new Kind("/sallyport/tokens", () -> """
                        {"name": "t", "role": "editor", "scopes": {"groups": "read"}, "expires_at": "2999-01-01T00:00:00Z"}"""),
                new Kind("/sallyport/origins", () -> """
                        {"hostname": "%s", "path": "/docs", "service": "http://10.0.0.5:3000",
                         "origin_request": {"httpHostHeader": "wiki.internal", "noTLSVerify": true}}""".formatted(Api.uniqueHost()), "hostname", 253, 12130),
                new Kind("/sallyport/workload_issuers", () -> """
                        {"name": "w", "issuer": "https://%s", "jwks_url": "https://id.example.com/keys", "audience": "a", "single_use": true}""".formatted(Api.uniqueHost())),
                new Kind(
                        "/cfd_tunnel",
                        () -> """
                        {"name": "%s", "config_src": "cloudflare"}""".formatted(Api.unique("matrix")),
                        "name",
                        Limits.NAME,
                        ApiProblem.TUNNEL));
    }

    private static Api.Answer refused(Kind kind, String body, int status, String pointer) {
        Api.Answer answer = Api.call("POST", kind.path(), body);
        String about = kind + " " + body.substring(0, Math.min(300, body.length())) + " " + answer.envelope();
        assertThat(answer.status()).as(about).isEqualTo(status);
        assertThat(answer.error().path("code").asInt()).as(about).isEqualTo(kind.code());
        if (!pointer.isEmpty()) {
            assertThat(answer.error().path("source").path("pointer").asString())
                    .as(about)
                    .startsWith(pointer);
            assertThat(answer.error().path("message").asString()).as(about).contains(pointer);
        }
        assertThat(answer.result().isNull()).isTrue();
        return answer;
    }

    /** Others look at the same server. */
    private static void remove(Kind kind, Api.Answer made) {
        String one = kind.path() + "/" + idOf(made);
        if (kind.path().equals("/access/certificates")) {
            Api.must("PUT", one, "{\"associated_hostnames\": []}");
        }
        Api.must("DELETE", one, null);
    }

    private static String idOf(Api.Answer made) {
        JsonNode result = made.result();
        return Stream.of("id", "uid", "name")
                .filter(result::has)
                .findFirst()
                .map(member -> result.get(member).asString())
                .orElseThrow();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    @DisplayName("an unknown member is taken and breaks nothing")
    void unknownMembersAreTaken(Kind kind) {
        Api.Answer made = Api.create(
                kind.path(), kind.good().put("nobody_knows_this", "x").toString());
        assertThat(idOf(made)).isNotBlank();
        remove(kind, made);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    @DisplayName("a member of the wrong type is 400 with its pointer, whichever member, whichever type")
    void wrongTypesAreNamed(Kind kind) {
        ObjectNode good = kind.good();
        for (String name : List.copyOf(good.propertyNames())) {
            JsonNode right = good.get(name);
            for (String wrong : List.of("7", "true", "\"text of another kind\"", "[7]", "{\"a\": 7}")) {
                JsonNode other = JSON.readTree(wrong);
                if (other.getNodeType() != right.getNodeType()) {
                    ObjectNode body = good.deepCopy();
                    body.set(name, other);
                    refused(kind, body.toString(), 400, "/" + name);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    @DisplayName("a repeated member is 400 and named")
    void repeatedMembersAreNamed(Kind kind) {
        String good = kind.good().toString();
        String body = "{\"" + kind.name() + "\": \"first\", " + good.substring(1);
        Api.Answer answer = Api.call("POST", kind.path(), body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("code").asInt()).isEqualTo(12130);
        assertThat(answer.error().path("source").path("pointer").asString()).isEqualTo("/" + kind.name());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    @DisplayName("a name that is too long, of several lines, or no text is 400 and named; the longest is taken")
    void namesAreBounded(Kind kind) {
        ObjectNode good = kind.good();
        refused(kind, good.put(kind.name(), "x".repeat(kind.longest() + 1)).toString(), 400, "/" + kind.name());
        refused(kind, good.put(kind.name(), "a\nb").toString(), 400, "/" + kind.name());
        Api.Answer noText =
                Api.call("POST", kind.path(), good.put(kind.name(), "a\u0000b").toString());
        assertThat(noText.status()).isEqualTo(400);
        assertThat(noText.error().path("source").path("pointer").asString()).isEqualTo("/" + kind.name());
        if (kind.name().equals("name")) {
            String longest = (Api.unique("longest") + "x".repeat(kind.longest())).substring(0, kind.longest());
            remove(
                    kind,
                    Api.create(kind.path(), kind.good().put("name", longest).toString()));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    @DisplayName("a body that is no object, no JSON, no UTF-8, too deep or too large is refused before it is looked at")
    void bodiesAreObjects(Kind kind) {
        String good = kind.good().toString();
        assertBody(kind, "[" + good + "]", 400);
        assertBody(kind, good.substring(0, good.length() - 1), 400);
        assertBody(kind, good + good, 400);
        assertBody(kind, "{\"deep\": " + "[".repeat(40) + "]".repeat(40) + "}", 400);
        assertBody(kind, "{\"x\": \"" + "x".repeat(5 << 20) + "\"}", 413);
        byte[] bytes = good.replace("}", ", \"x\": \"?\"}").getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '?') {
                bytes[i] = (byte) 0xFF;
            }
        }
        Api.Answer answer = Api.exchange(HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                        + Api.server().port() + "/client/v4/accounts/" + Api.account() + kind.path()))
                .headers(Api.withToken())
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                .build());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("message").asString()).contains("not valid UTF-8");
    }

    private static void assertBody(Kind kind, String body, int status) {
        Api.Answer answer = Api.call("POST", kind.path(), body);
        assertThat(answer.status()).as(kind + " " + answer.envelope()).isEqualTo(status);
        assertThat(answer.error().path("code").asInt()).isEqualTo(12130);
        assertThat(answer.error().path("message").asString()).isNotBlank();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    @DisplayName(
            "the id of another kind, of nothing, and what is no id are 404 (an application's: 400) to every method")
    void idsOfOthersAreNotFound(Kind kind) {
        String other = kind.path().equals("/access/groups") ? Api.policy() : Api.group();
        for (String id : List.of(other, "00000000-0000-4000-8000-000000000000", "no-id")) {
            for (String method : List.of("GET", "PUT", "DELETE")) {
                Api.Answer answer = Api.call(
                        method,
                        kind.path() + "/" + id,
                        method.equals("PUT") ? kind.good().toString() : null);
                if (answer.status() == 405) {
                    assertThat(method).isEqualTo("PUT");
                    continue;
                }
                boolean malformed = kind.path().equals("/access/apps") && id.equals("no-id");
                assertThat(answer.status())
                        .as(method + " " + kind + "/" + id + answer.envelope())
                        .isEqualTo(malformed ? 400 : 404);
                assertThat(answer.error().path("code").asInt())
                        .isEqualTo(malformed ? 12045 : kind.code() == ApiProblem.TUNNEL ? ApiProblem.TUNNEL : 12135);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    @DisplayName("a bad replacement is refused as a bad creation is, and what was there stays as it was")
    void aBadReplacementLeavesWhatWasThere(Kind kind) {
        Api.Answer made = Api.create(kind.path(), kind.good().toString());
        String one = kind.path() + "/" + idOf(made);
        String before = Api.get(one).result().toString();
        List<String> bad = new ArrayList<>();
        bad.add(kind.good().put(kind.name(), 7).toString());
        bad.add(kind.good().put(kind.name(), "x".repeat(kind.longest() + 1)).toString());
        bad.add("{\"name\": \"a\", \"name\": \"b\"}");
        for (String body : bad) {
            Api.Answer answer = Api.call(kind.path().equals("/cfd_tunnel") ? "PATCH" : "PUT", one, body);
            assertThat(answer.status())
                    .as(kind + " " + body.substring(0, Math.min(200, body.length())))
                    .isIn(400, 405);
            assertThat(Api.get(one).result().toString()).isEqualTo(before);
        }
        remove(kind, made);
    }
}
