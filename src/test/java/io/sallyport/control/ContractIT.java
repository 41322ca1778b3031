package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/** Holds the running server to its own OpenAPI document. */
class ContractIT {
    private static Contract contract;

    @BeforeAll
    static void read() {
        // Another test leaves a row that no admin could have written.
        Api.jdbc()
                .sql("delete from admin_tokens where role not in ('owner', 'editor', 'auditor')")
                .update();
        contract = new Contract();
    }

    @Test
    @DisplayName(
            "every route of the server is in the document, under an id of its own, with a result and without dead references")
    void theDocumentIsWhole() {
        Set<String> routes = new TreeSet<>();
        Api.server()
                .context()
                .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((mapping, handler) -> mapping.getPatternsCondition().getPatterns().stream()
                        .filter(pattern -> pattern.getPatternString().startsWith("/client/v4"))
                        .forEach(pattern -> mapping.getMethodsCondition()
                                .getMethods()
                                .forEach(method -> routes.add(
                                        method.name().toLowerCase(Locale.ROOT) + " " + pattern.getPatternString()))));
        assertThat(contract.operations()).isEqualTo(routes);
        assertThat(contract.document().path("openapi").asString()).isEqualTo("3.1.0");

        Set<String> ids = new HashSet<>();
        List<String> wrong = new ArrayList<>();
        contract.document()
                .path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    String id = operation.getValue().path("operationId").asString();
                    if (!ids.add(id)) {
                        wrong.add("twice: " + id + " at " + path.getKey());
                    }
                    if (operation.getValue().path("tags").isEmpty()) {
                        wrong.add("no scope: " + id);
                    }
                }));
        contract.document().findValuesAsString("$ref").forEach(reference -> {
            if (contract.document().at(reference.substring(1)).isMissingNode()) {
                wrong.add("dead: " + reference);
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    @DisplayName("DO-04: whoever guesses tokens is answered 429 at any operation, so each says so")
    void everyOperationDocumentsThatTheDoorMayAskToWait() {
        List<String> silent = new ArrayList<>();
        contract.document()
                .path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (!operation.getValue().path("responses").has("429")) {
                        silent.add(operation.getKey() + " " + path.getKey());
                    }
                }));
        assertThat(silent).isEmpty();
    }

    @Test
    @DisplayName("every documented operation exists, and answers nonsense as documented")
    void everyOperationExists() {
        List<String> wrong = new ArrayList<>();
        for (String operation : contract.operations()) {
            String method = operation.substring(0, operation.indexOf(' ')).toUpperCase(Locale.ROOT);
            String path = operation
                    .substring(operation.indexOf(' ') + 1 + "/client/v4".length())
                    .replace("{account}", Api.account())
                    .replace("{zone}", Api.account())
                    .replaceAll("\\{[^}]+}", "00000000-0000-4000-8000-000000000000");
            Api.Answer answer = Api.send(method, path, method.equals("GET") ? null : "[]", Api.withToken());
            if (answer.status() == 405 || answer.error().path("code").asInt() == 7003) {
                wrong.add(operation + " answers " + answer.status());
            }
            wrong.addAll(contract.violations(method, path, answer));
        }
        assertThat(wrong).isEmpty();
    }

    static Stream<Arguments> bodies() {
        return Stream.concat(
                RoundTripIT.bodies(), RoundTripIT.terraform().map(each -> Arguments.of(each.get()[1], each.get()[2])));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("bodies")
    @DisplayName("each answer of the round trip is as documented")
    void theRoundTripIsAsDocumented(String path, String body) {
        JsonNode created = held("POST", path, body).result();
        String one = path + "/"
                + created.path(path.endsWith("custom_pages") ? "uid" : "id").asString();
        JsonNode read = held("GET", one, null).result();
        held("GET", path + "?per_page=1000", null);
        held("PUT", one, read.toString());
        held("GET", one, null);
        if (path.endsWith("certificates")) {
            held("PUT", one, "{\"associated_hostnames\": []}");
        }
        if (path.endsWith("service_tokens")) {
            held("POST", one + "/rotate", null);
            held("POST", one + "/refresh", null);
        }
        if (path.endsWith("sallyport/tokens")) {
            held("POST", one + "/rotate", null);
            held("POST", one + "/revoke", null);
        }
        held("DELETE", one, null);
        refused("GET", one, 404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/access/organizations",
                "/access/keys",
                "/access/logs/access_requests",
                "/access/logs/access-requests",
                "/access/certificates/settings",
                "/access/apps/ca",
                "/access/bookmarks",
                "/access/tags",
                "/sallyport/audit?per_page=1000",
                "/sallyport/audit/key",
                "/sallyport/export",
                "/sallyport/lint",
                "/sallyport/decisions",
                "/cfd_tunnel",
                "/tunnels",
                ""
            })
    void readsAreAsDocumented(String path) {
        held("GET", path, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/accounts", "/zones", "/user", "/memberships", "/user/tokens/verify"})
    void whatToolsAskFirstIsAsDocumented(String path) {
        Api.Answer answer = Api.send("GET", path, null, Api.withToken());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(contract.violations("GET", path, answer)).isEmpty();
    }

    @Test
    void actionsAreAsDocumented() {
        String app = held("POST", "/access/apps", """
                {"type": "self_hosted", "name": "x", "domain": "%s", "policies": ["%s"]}""".formatted(Api.uniqueHost(), Api.policy()))
                .id();
        held("POST", "/access/apps/" + app + "/revoke_tokens", null);
        held("PATCH", "/access/apps/" + app + "/settings", "{\"allow_iframe\": true}");
        String policy = held("POST", "/access/apps/" + app + "/policies", Api.policyBody(Api.unique("own")))
                .id();
        held("GET", "/access/apps/" + app + "/policies", null);
        held("PUT", "/access/apps/" + app + "/policies/" + policy + "/make_reusable", null);
        held("PUT", "/access/organizations", "{\"login_design\": {\"header_text\": \"Hi\"}}");
        held("PUT", "/access/organizations", "{\"login_design\": null}");
        held("POST", "/access/organizations/revoke_user", "{\"email\": \"nobody@example.com\"}");
        held("PUT", "/access/keys", "{\"key_rotation_interval_days\": 42}");
        held("PATCH", "/access/seats", "[{\"seat_uid\": \"x\", \"access_seat\": false, \"gateway_seat\": false}]");
        String list = held("POST", "/gateway/lists", "{\"name\": \"l\", \"type\": \"IP\"}")
                .id();
        held("PATCH", "/gateway/lists/" + list, "{\"append\": [{\"value\": \"192.0.2.1\"}]}");
        held("GET", "/gateway/lists/" + list + "/items", null);
        String tag = Api.unique("contract");
        held("POST", "/access/tags", "{\"name\": \"" + tag + "\"}");
        held("GET", "/access/tags/" + tag, null);
        held("DELETE", "/access/tags/" + tag, null);
        String tunnel = held(
                        "POST",
                        "/cfd_tunnel",
                        "{\"name\": \"" + Api.unique("tunnel") + "\", \"config_src\": \"cloudflare\"}")
                .id();
        held("GET", "/cfd_tunnel/" + tunnel, null);
        held("GET", "/cfd_tunnel/" + tunnel + "/token", null);
        held("GET", "/cfd_tunnel/" + tunnel + "/configurations", null);
        held("GET", "/cfd_tunnel/" + tunnel + "/connections", null);
        held("DELETE", "/cfd_tunnel/" + tunnel, null);
        String user = held("POST", "/access/users", "{\"email\": \"" + Api.unique("c") + "@example.com\"}")
                .id();
        held("GET", "/access/users/" + user + "/active_sessions", null);
        held("GET", "/access/users/" + user + "/failed_logins", null);
        held("GET", "/access/apps/" + app + "/user_policy_checks?user_id=" + user, null);
        held("DELETE", "/access/users/" + user, null);
        refused("POST", "/access/tags", 400);
    }

    /** A call that must succeed and be as documented. */
    private static Api.Answer held(String method, String path, String body) {
        Api.Answer answer = Api.must(method, path, body);
        assertThat(contract.violations(method, "/accounts/" + Api.account() + path, answer))
                .isEmpty();
        return answer;
    }

    private static void refused(String method, String path, int status) {
        Api.Answer answer = Api.call(method, path, method.equals("GET") ? null : "{}");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(contract.violations(method, "/accounts/" + Api.account() + path, answer))
                .isEmpty();
    }
}
