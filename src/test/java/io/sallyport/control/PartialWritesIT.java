package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Lists with their filters and pages, and the writes that change part of an object. */
class PartialWritesIT {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/access/apps",
                "/access/policies",
                "/access/groups",
                "/access/identity_providers",
                "/access/service_tokens",
                "/access/users",
                "/access/tags",
                "/sallyport/origins"
            })
    void everyListIsPaged(String path) {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            made.add(make(path));
        }
        JsonNode info = Api.get(path + "?per_page=2").envelope().path("result_info");
        int total = info.path("total_count").asInt();
        assertThat(info.path("page").asInt()).isEqualTo(1);
        assertThat(info.path("per_page").asInt()).isEqualTo(2);
        assertThat(info.path("count").asInt()).isEqualTo(2);
        assertThat(total).isGreaterThanOrEqualTo(3);
        assertThat(info.path("total_pages").asInt()).isEqualTo((total + 1) / 2);

        List<String> walked = new ArrayList<>();
        for (int page = 1; page <= info.path("total_pages").asInt(); page++) {
            keys(Api.get(path + "?per_page=2&page=" + page)).forEach(walked::add);
        }
        assertThat(walked).hasSize(total).containsAll(made);
        assertThat(new HashSet<>(walked)).as("no page turn repeats one").hasSize(total);

        for (String beyond :
                List.of("per_page=2&page=" + (info.path("total_pages").asInt() + 1), "page=2000000")) {
            Api.Answer past = Api.get(path + "?" + beyond);
            assertThat(past.status()).isEqualTo(200);
            assertThat(past.result().isArray()).isTrue();
            assertThat(past.result().isEmpty()).isTrue();
            assertThat(past.envelope().path("result_info").path("total_count").asInt())
                    .isEqualTo(total);
            assertThat(past.envelope().path("result_info").path("count").asInt())
                    .isZero();
        }
    }

    private static String make(String path) {
        String name = Api.unique("paged");
        Api.Answer made = switch (path) {
            case "/access/apps" -> Api.create(path, """
                    {"type": "self_hosted", "name": "%s", "domain": "%s"}""".formatted(name, Api.uniqueHost()));
            case "/access/policies" -> Api.create(path, Api.policyBody(name));
            case "/access/groups" ->
                Api.create(path, "{\"name\": \"" + name + "\", \"include\": [{\"everyone\": {}}]}");
            case "/access/identity_providers" ->
                Api.create(path, "{\"name\": \"" + name + "\", \"type\": \"onetimepin\"}");
            case "/access/users" -> Api.create(path, "{\"email\": \"" + name + "@example.com\"}");
            case "/sallyport/origins" ->
                Api.create(path, "{\"hostname\": \"" + name + ".example.com\", \"service\": \"http://10.0.0.1\"}");
            default -> Api.create(path, "{\"name\": \"" + name + "\"}");
        };
        return made.result().path(made.result().has("id") ? "id" : "name").asString();
    }

    private static List<String> keys(Api.Answer answer) {
        return answer.result().values().stream()
                .map(item -> item.path(item.has("id") ? "id" : "name").asString())
                .toList();
    }

    private static List<String> names(String path) {
        Api.Answer answer = Api.get(path);
        assertThat(answer.envelope().path("result_info").path("total_count").asInt())
                .isEqualTo(answer.result().size());
        return answer.result().values().stream()
                .map(item -> item.path("name").asString())
                .toList();
    }

    @Test
    void applicationsAreFiltered() {
        String stem = Api.unique("Filter");
        String first = stem + " One%";
        String second = stem + " One% and more";
        String host = Api.uniqueHost();
        Api.Answer one = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "%s", "domain": "%s"}""".formatted(first, host));
        Api.create("/access/apps", """
                {"type": "self_hosted", "name": "%s", "domain": "x.%s"}""".formatted(second, host));

        assertThat(names("/access/apps?name=" + stem.toLowerCase(Locale.ROOT) + "%20one%25"))
                .containsExactly(first, second);
        assertThat(names("/access/apps?search=" + stem)).containsExactly(first, second);
        assertThat(names("/access/apps?search=x." + host)).containsExactly(second);
        assertThat(names("/access/apps?domain=" + host)).containsExactly(first, second);
        assertThat(names("/access/apps?exact=true&domain=" + host)).containsExactly(first);
        assertThat(names("/access/apps?exact=true&name=" + stem)).isEmpty();
        assertThat(names("/access/apps?exact=true&search=" + host)).containsExactly(first);
        assertThat(names("/access/apps?aud=" + one.result().path("aud").asString()))
                .containsExactly(first);
        assertThat(names("/access/apps?aud=" + "0".repeat(64))).isEmpty();
        assertThat(names("/access/apps?name=" + stem + "%20_ne"))
                .as("a wildcard is text")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/access/policies", "/access/groups", "/access/identity_providers", "/access/service_tokens"})
    void othersAreFilteredByName(String path) {
        String id = make(path);
        String name = Api.get(path + "/" + id).result().path("name").asString();
        assertThat(names(path + "?name=" + name)).contains(name);
        assertThat(names(path + "?search=" + name.substring(1))).contains(name);
        assertThat(names(path + "?name=no-such-" + name)).isEmpty();
    }

    @Test
    void usersAreFiltered() {
        String stem = Api.unique("filtered");
        Api.create("/access/users", "{\"email\": \"" + stem + "-a@example.com\", \"name\": \"Zoe " + stem + "\"}");
        Api.create("/access/users", "{\"email\": \"" + stem + "-b@example.com\", \"name\": \"Yan\"}");
        assertThat(names("/access/users?email=" + stem)).containsExactly("Zoe " + stem, "Yan");
        assertThat(names("/access/users?name=zoe%20" + stem)).containsExactly("Zoe " + stem);
        assertThat(names("/access/users?search=" + stem + "-B")).containsExactly("Yan");
    }

    @Test
    void listsAreChangedItemByItem() {
        String path = "/gateway/lists/"
                + Api.create("/gateway/lists", """
                        {"name": "%s", "type": "EMAIL", "description": "d", "items": [{"value": "a@example.com", "description": "first"},
                         {"value": "b@example.com"}]}""".formatted(Api.unique("list")))
                        .id();
        JsonNode patched = Api.must("PATCH", path, """
                {"append": [{"value": "c@example.com", "description": "new"}, {"value": "a@example.com", "description": "again"}],
                 "remove": ["b@example.com", "never@example.com"]}""").result();
        assertThat(patched.path("count").asInt()).isEqualTo(2);
        assertThat(patched.path("description").asString()).isEqualTo("d");
        assertThat(values(patched.path("items"))).containsExactly("a@example.com", "c@example.com");
        assertThat(patched.path("items").path(0).path("description").asString()).isEqualTo("first");
        assertThat(Api.get(path).result()).isEqualTo(patched);

        assertThat(values(Api.must("PATCH", path, """
                        {"append": [{"value": "a@example.com", "description": "moved"}], "remove": ["a@example.com"]}""").result().path("items")))
                .as("removed, then added")
                .containsExactly("c@example.com", "a@example.com");
        Api.Answer items = Api.get(path + "/items?per_page=1&page=2");
        assertThat(values(items.result())).containsExactly("a@example.com");
        assertThat(items.envelope().path("result_info").path("total_count").asInt())
                .isEqualTo(2);
        assertThat(Api.get(path + "/items?page=9").result().isEmpty()).isTrue();

        assertThat(Api.must("PUT", path, "{\"name\": \"renamed\"}")
                        .result()
                        .path("count")
                        .asInt())
                .as("without items they stay")
                .isEqualTo(2);
        Api.Answer refused = Api.call("PATCH", path, "{\"append\": [{\"value\": \"nobody\"}]}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("source").path("pointer").asString()).isEqualTo("/append/0/value");
        assertThat(Api.get(path).result().path("count").asInt()).isEqualTo(2);
    }

    private static List<String> values(JsonNode items) {
        return items.values().stream()
                .map(item -> item.path("value").asString())
                .toList();
    }

    @Test
    void renamingATagRenamesItOnApplications() {
        String before = Api.unique("tag-m");
        String other = Api.unique("tag-n");
        String after = Api.unique("tag-z");
        Api.create("/access/tags", "{\"name\": \"" + before + "\"}");
        Api.create("/access/tags", "{\"name\": \"" + other + "\"}");
        String app = "/access/apps/"
                + Api.create("/access/apps", """
                {"type": "self_hosted", "name": "t", "domain": "%s", "tags": ["%s", "%s"]}""".formatted(Api.uniqueHost(), before, other))
                        .id();
        assertThat(Api.get("/access/tags/" + before).result().path("app_count").asInt())
                .isEqualTo(1);

        Api.Answer renamed = Api.must("PUT", "/access/tags/" + before, "{\"name\": \"" + after + "\"}");
        assertThat(renamed.result().path("name").asString()).isEqualTo(after);
        assertThat(renamed.result().path("app_count").asInt()).isEqualTo(1);
        assertThat(Api.get("/access/tags/" + before).status()).isEqualTo(404);
        assertThat(Api.get(app).result().path("tags").values().stream().map(JsonNode::asString))
                .containsExactly(other, after);
        assertThat(Api.call("PUT", "/access/tags/" + after, "{\"name\": \"" + other + "\"}")
                        .status())
                .isEqualTo(409);
        assertThat(Api.call("DELETE", "/access/tags/" + after, null).status()).isEqualTo(409);
    }

    @Test
    void settingsMergeTheirTwoSwitches() {
        String app = "/access/apps/"
                + Api.create("/access/apps", """
                {"type": "self_hosted", "name": "s", "domain": "%s", "custom_deny_message": "kept"}""".formatted(Api.uniqueHost())).id();
        assertThat(Api.must("PUT", app + "/settings", "{\"allow_iframe\": true}")
                        .result())
                .isEqualTo(Api.json("{\"allow_iframe\": true, \"skip_interstitial\": false}"));
        assertThat(Api.must("PATCH", app + "/settings", "{\"skip_interstitial\": true}")
                        .result())
                .isEqualTo(Api.json("{\"allow_iframe\": true, \"skip_interstitial\": true}"));
        JsonNode read = Api.get(app).result();
        assertThat(read.path("allow_iframe").asBoolean()).isTrue();
        assertThat(read.path("custom_deny_message").asString()).isEqualTo("kept");
        assertThat(Api.call("PUT", app + "/settings", "{\"allow_iframe\": \"yes\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void policiesOfAnApplicationMoveAndMakeRoom() {
        String reusable = Api.policy();
        String app = "/access/apps/"
                + Api.create("/access/apps", """
                {"type": "self_hosted", "name": "p", "domain": "%s", "policies": [{"id": "%s", "precedence": 5}]}""".formatted(Api.uniqueHost(), reusable))
                        .id();
        String path = app + "/policies";
        String last = Api.create(path, Api.policyBody("last")).id();
        assertThat(order(path)).containsExactly(reusable + " 5", last + " 6");

        String first = Api.create(path, withPrecedence("first", 5)).id();
        assertThat(order(path)).as("who had it makes room").containsExactly(first + " 5", reusable + " 6", last + " 7");

        Api.must("PUT", path + "/" + last, withPrecedence("last", 1));
        assertThat(order(path)).as("a gap stays").containsExactly(last + " 1", first + " 5", reusable + " 6");
        Api.must("PUT", path + "/" + last, Api.policyBody("last, renamed"));
        assertThat(order(path))
                .as("without a precedence it stays")
                .containsExactly(last + " 1", first + " 5", reusable + " 6");
        assertThat(Api.get(path + "/" + last).result().path("name").asString()).isEqualTo("last, renamed");

        Api.Answer refused = Api.call("PUT", path + "/" + reusable, Api.policyBody("x"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("code").asInt()).isEqualTo(12130);
        assertThat(Api.call("POST", path, withPrecedence("zero", 0))
                        .error()
                        .path("code")
                        .asInt())
                .isEqualTo(11018);

        assertThat(Api.get("/access/policies/" + first).status()).isEqualTo(404);
        JsonNode made =
                Api.must("PUT", path + "/" + first + "/make_reusable", null).result();
        assertThat(made.path("id").asString()).isEqualTo(first);
        assertThat(made.path("reusable").asBoolean()).isTrue();
        assertThat(Api.get("/access/policies/" + first)
                        .result()
                        .path("app_count")
                        .asInt())
                .isEqualTo(1);

        assertThat(Api.must("DELETE", path + "/" + first, null).result())
                .isEqualTo(Api.json("{\"id\": \"" + first + "\"}"));
        assertThat(order(path)).containsExactly(last + " 1", reusable + " 6");
        assertThat(Api.get("/access/policies/" + first).status())
                .as("only detached")
                .isEqualTo(200);
        Api.must("DELETE", path + "/" + last, null);
        assertThat(Api.get(path + "/" + last).status()).isEqualTo(404);
        assertThat(policies(last)).as("gone for good").isZero();
    }

    private static int policies(String id) {
        return Api.jdbc()
                .sql("select count(*) from policies where id = cast(? as uuid)")
                .param(id)
                .query(Integer.class)
                .single();
    }

    private static String withPrecedence(String name, int precedence) {
        return Api.json(Api.policyBody(name)).put("precedence", precedence).toString();
    }

    private static List<String> order(String path) {
        return Api.get(path).result().values().stream()
                .map(policy -> policy.path("id").asString() + " "
                        + policy.path("precedence").asInt())
                .toList();
    }
}
