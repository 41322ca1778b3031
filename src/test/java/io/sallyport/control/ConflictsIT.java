package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Writes against what is stored, and against each other. */
class ConflictsIT {
    @Test
    @DisplayName("AD-07: of many applications claiming one pattern at once, exactly one gets it")
    void oneApplicationWinsTheRace() throws Exception {
        String host = Api.uniqueHost();
        List<Integer> statuses = inParallel(8, i -> Api.call("POST", "/access/apps", """
                {"type": "self_hosted", "name": "racer %d", "domain": "%s"}""".formatted(i, host)));
        assertThat(statuses).containsOnly(200, 409).containsOnlyOnce(200);
        assertThat(Api.get("/access/apps?domain=" + host).result().size()).isEqualTo(1);
    }

    @Test
    @DisplayName("AD-07: of many origins claiming one hostname at once, exactly one gets it")
    void oneOriginWinsTheRace() throws Exception {
        String host = Api.uniqueHost();
        List<Integer> statuses = inParallel(8, i -> Api.call("POST", "/sallyport/origins", """
                {"hostname": "%s", "service": "http://10.0.0.%d"}""".formatted(host, i + 1)));
        assertThat(statuses).containsOnly(200, 409).containsOnlyOnce(200);
    }

    @Test
    @DisplayName("AD-07: concurrent replacements end as one of them, whole")
    void concurrentReplacementsDoNotBlend() throws Exception {
        String id = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "0", "domain": "%s"}""".formatted(Api.uniqueHost())).id();
        String host = Api.uniqueHost();
        List<Integer> statuses = inParallel(8, i -> Api.call("PUT", "/access/apps/" + id, """
                {"type": "self_hosted", "name": "%1$d", "domain": "%1$d.%2$s", "custom_deny_message": "%1$d",
                 "policies": [{"name": "%1$d", "decision": "allow", "include": [{"everyone": {}}]}]}""".formatted(i, host)));
        assertThat(statuses).containsOnly(200);
        JsonNode app = Api.get("/access/apps/" + id).result();
        String winner = app.path("name").asString();
        assertThat(app.path("domain").asString()).isEqualTo(winner + "." + host);
        assertThat(app.path("custom_deny_message").asString()).isEqualTo(winner);
        assertThat(app.path("policies").size()).isEqualTo(1);
        assertThat(app.path("policies").path(0).path("name").asString()).isEqualTo(winner);
    }

    @Test
    @DisplayName("AD-07: If-Match that names another state is 412 and changes nothing")
    void ifMatchGuardsAgainstLostUpdates() {
        String path = "/access/policies/" + Api.policy();
        String tag = Api.get(path).header("etag");
        assertThat(tag).startsWith("\"");
        Api.Answer first = Api.call("PUT", path, Api.policyBody("first"), "If-Match", tag);
        assertThat(first.status()).isEqualTo(200);
        Api.Answer second = Api.call("PUT", path, Api.policyBody("second"), "If-Match", tag);
        assertThat(second.status()).isEqualTo(412);
        assertThat(Api.get(path).result().path("name").asString()).isEqualTo("first");
        assertThat(Api.call("DELETE", path, null, "If-Match", tag).status()).isEqualTo(412);
        assertThat(Api.call("DELETE", path, null, "If-Match", Api.get(path).header("etag"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void whatIsReferencedCannotBeDeleted() {
        String group = Api.group();
        String pin = Api.oneTimePin();
        String token = Api.create("/access/service_tokens", "{\"name\": \"" + Api.unique("t") + "\"}")
                .id();
        String list = Api.create("/gateway/lists", "{\"name\": \"l\", \"type\": \"IP\"}")
                .id();
        String tag = Api.unique("tag");
        Api.create("/access/tags", "{\"name\": \"" + tag + "\"}");
        String policyName = Api.unique("referrer");
        String policy = Api.create("/access/policies", """
                {"name": "%s", "decision": "non_identity", "include": [{"service_token": {"token_id": "%s"}},
                 {"ip_list": {"id": "%s"}}, {"group": {"id": "%s"}}]}""".formatted(policyName, token, list, group))
                .id();
        String appName = Api.unique("wiki");
        String app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "%s", "domain": "%s", "allowed_idps": ["%s"], "tags": ["%s"],
                 "policies": ["%s"]}""".formatted(appName, Api.uniqueHost(), pin, tag, policy))
                .id();

        refused("/access/groups/" + group, policyName);
        refused("/access/service_tokens/" + token, policyName);
        refused("/gateway/lists/" + list, policyName);
        refused("/access/identity_providers/" + pin, appName);
        refused("/access/tags/" + tag, appName);
        refused("/access/policies/" + policy, appName);

        Api.must("DELETE", "/access/apps/" + app, null);
        Api.must("DELETE", "/access/policies/" + policy, null);
        for (String path : List.of(
                "/access/groups/" + group,
                "/access/service_tokens/" + token,
                "/gateway/lists/" + list,
                "/access/identity_providers/" + pin,
                "/access/tags/" + tag)) {
            Api.must("DELETE", path, null);
        }
    }

    @Test
    @DisplayName("an id of another kind is no id here")
    void idsOfAnotherKindAreRefused() {
        String group = Api.group();
        String policy = Api.policy();
        assertThat(Api.get("/access/policies/" + group).status()).isEqualTo(404);
        assertThat(Api.call("DELETE", "/access/groups/" + policy, null).status())
                .isEqualTo(404);
        Api.Answer asProvider = Api.call("POST", "/access/apps", """
                {"type": "self_hosted", "name": "x", "domain": "%s", "allowed_idps": ["%s"]}""".formatted(Api.uniqueHost(), group));
        assertThat(asProvider.status()).isEqualTo(400);
        assertThat(asProvider.error().path("source").path("pointer").asString()).isEqualTo("/allowed_idps/0");
        Api.Answer asGroup = Api.call("POST", "/access/groups", """
                {"name": "x", "include": [{"group": {"id": "%s"}}]}""".formatted(policy));
        assertThat(asGroup.status()).isEqualTo(400);
        assertThat(asGroup.error().path("source").path("pointer").asString()).isEqualTo("/include/0/group/id");
    }

    @Test
    void customPagesInUseCannotBeDeleted() {
        String page =
                Api.create("/access/custom_pages", """
                {"name": "Denied", "type": "forbidden", "custom_html": "<p>no</p>"}""").result().path("uid").asString();
        String name = Api.unique("paged");
        String app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "%s", "domain": "%s", "custom_pages": ["%s"]}""".formatted(name, Api.uniqueHost(), page))
                .id();
        refused("/access/custom_pages/" + page, name);
        Api.must("DELETE", "/access/apps/" + app, null);
        assertThat(Api.must("DELETE", "/access/custom_pages/" + page, null).id())
                .isEqualTo(page);
    }

    /** Terraform takes an organisation out of its state and nothing back from it, and then destroys the page. */
    @Test
    void aPageThatTheOrganizationNamesIsForgottenByIt() {
        String page = page();
        String other = page();
        Api.must("PUT", "/access/organizations", """
                {"custom_pages": {"forbidden": "%s", "identity_denied": "%s"}}""".formatted(page.toUpperCase(Locale.ROOT), other));
        try {
            Api.must("DELETE", "/access/custom_pages/" + page, null);

            assertThat(Api.get("/access/organizations")
                            .result()
                            .path("custom_pages")
                            .toString())
                    .isEqualTo("{\"identity_denied\":\"" + other + "\"}");
            JsonNode last = Api.get("/sallyport/audit?resource_kind=organization&per_page=1")
                    .result()
                    .path(0);
            assertThat(last.path("before")
                            .path("custom_pages")
                            .path("forbidden")
                            .asString())
                    .isEqualToIgnoringCase(page);
            assertThat(last.path("after").path("custom_pages").has("forbidden")).isFalse();
            Api.must("DELETE", "/access/custom_pages/" + other, null);
            assertThat(Api.get("/access/organizations").object().has("custom_pages"))
                    .isFalse();
        } finally {
            Api.must("PUT", "/access/organizations", "{\"custom_pages\": null}");
        }
    }

    @Test
    void aPageThatAnApplicationNamesStaysWithTheOrganizationToo() {
        String page = page();
        String app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "%s", "domain": "%s", "custom_pages": ["%s"]}""".formatted(Api.unique("paged"), Api.uniqueHost(), page))
                .id();
        Api.must("PUT", "/access/organizations", "{\"custom_pages\": {\"forbidden\": \"" + page + "\"}}");
        try {
            refused("/access/custom_pages/" + page, app);
            assertThat(Api.get("/access/organizations")
                            .result()
                            .path("custom_pages")
                            .path("forbidden")
                            .asString())
                    .isEqualTo(page);
        } finally {
            Api.must("PUT", "/access/organizations", "{\"custom_pages\": null}");
            Api.must("DELETE", "/access/apps/" + app, null);
        }
    }

    private static String page() {
        return Api.create("/access/custom_pages", """
                {"name": "%s", "type": "forbidden", "custom_html": "<p>no</p>"}""".formatted(Api.unique("Page")))
                .result()
                .path("uid")
                .asString();
    }

    @Test
    void anAuthorityWithHostsCannotBeDeleted() {
        String id = Api.create(
                        "/access/certificates",
                        Api.json("{\"associated_hostnames\": [\"a.example.com\"], \"name\": \"CA\"}")
                                .put("certificate", Api.authority())
                                .toString())
                .id();
        assertThat(Api.get("/access/certificates/" + id).object().has("certificate"))
                .isFalse();
        refused("/access/certificates/" + id, "/associated_hostnames");
        Api.Answer emptied = Api.must("PUT", "/access/certificates/" + id, "{}");
        assertThat(emptied.result().path("name").asString()).isEqualTo("CA");
        assertThat(emptied.result().path("associated_hostnames"))
                .as("Terraform's fifth provider empties the list with a body that says nothing")
                .isEmpty();
        Api.must("DELETE", "/access/certificates/" + id, null);
        try {
            JsonNode settings =
                    Api.must("PUT", "/access/certificates/settings", """
                    {"settings": [{"hostname": "a.example.com", "china_network": false, "client_certificate_forwarding": true}]}""").result();
            assertThat(Api.get("/access/certificates/settings").result()).isEqualTo(settings);
            assertThat(settings.path(0).path("client_certificate_forwarding").asBoolean())
                    .isTrue();
        } finally {
            Api.must("PUT", "/access/certificates/settings", "{\"settings\": []}");
        }
    }

    @Test
    void bookmarksAreApplicationsOfTheirType() {
        String name = Api.unique("bookmark");
        String id = Api.create("/access/apps", """
                {"type": "bookmark", "name": "%s", "domain": "https://intra.example.com"}""".formatted(name)).id();
        JsonNode bookmark = Api.get("/access/bookmarks/" + id).result();
        assertThat(bookmark.path("name").asString()).isEqualTo(name);
        assertThat(bookmark.path("domain").asString()).isEqualTo("https://intra.example.com");
        assertThat(bookmark.has("aud")).isFalse();
        assertThat(Api.get("/access/bookmarks?per_page=1000").result().valueStream())
                .contains(bookmark);
    }

    @Test
    void anIdIsAReferenceOnlyWhereItMeansOne() {
        String group = Api.group();
        String pin = Api.oneTimePin();
        String list = Api.create("/gateway/lists", "{\"name\": \"l\", \"type\": \"EMAIL\"}")
                .id();
        Api.create("/access/policies", """
                {"name": "%1$s", "decision": "allow", "include": [{"everyone": {}}], "purpose_justification_prompt": "%1$s",
                 "future_member": {"group": {"id": "%1$s"}}}""".formatted(group));
        Api.create("/access/apps", """
                {"type": "self_hosted", "name": "mentions", "domain": "%s", "custom_deny_message": "%s",
                 "future_member": ["%s"]}""".formatted(Api.uniqueHost(), pin, list));
        for (String path :
                List.of("/access/groups/" + group, "/access/identity_providers/" + pin, "/gateway/lists/" + list)) {
            Api.must("DELETE", path, null);
        }
    }

    @Test
    void everyPlaceThatMeansAReferenceHolds() {
        String pin = Api.oneTimePin();
        String list = Api.create("/gateway/lists", "{\"name\": \"l\", \"type\": \"EMAIL\"}")
                .id();
        for (String rule : List.of(
                "{\"login_method\": {\"id\": \"%s\"}}",
                "{\"github-organization\": {\"identity_provider_id\": \"%s\", \"name\": \"o\"}}",
                "{\"gsuite\": {\"identity_provider_id\": \"%s\", \"email\": \"g@example.com\"}}",
                "{\"okta\": {\"identity_provider_id\": \"%s\", \"name\": \"g\"}}",
                "{\"azureAD\": {\"identity_provider_id\": \"%s\", \"id\": \"o\"}}",
                "{\"saml\": {\"identity_provider_id\": \"%s\", \"attribute_name\": \"n\", \"attribute_value\": \"v\"}}",
                "{\"oidc\": {\"identity_provider_id\": \"%s\", \"claim_name\": \"n\", \"claim_value\": \"v\"}}")) {
            String name = Api.unique("ref");
            String group = Api.create(
                            "/access/groups", """
                    {"name": "%s", "include": [{"everyone": {}}], "exclude": [%s]}""".formatted(name, rule.formatted(pin.toUpperCase(Locale.ROOT))))
                    .id();
            refused("/access/identity_providers/" + pin, name);
            Api.must("DELETE", "/access/groups/" + group, null);
        }
        String name = Api.unique("ref");
        String policy =
                Api.create("/access/policies", """
                {"name": "%s", "decision": "allow", "include": [{"everyone": {}}],
                 "approval_groups": [{"approvals_needed": 1, "email_list_uuid": "%s"}]}""".formatted(name, list)).id();
        refused("/gateway/lists/" + list, name);
        Api.must("PUT", "/access/policies/" + policy, """
                {"name": "%s", "decision": "allow", "include": [{"everyone": {}}], "require": [{"email_list": {"id": "%s"}}]}""".formatted(name, list));
        refused("/gateway/lists/" + list, name);
        Api.must("DELETE", "/access/policies/" + policy, null);
        String app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "%s", "domain": "%s", "scim_config": {"idp_uid": "%s"},
                 "policies": [{"name": "own", "decision": "allow", "include": [{"email_list": {"id": "%s"}}]}]}""".formatted(name, Api.uniqueHost(), pin, list))
                .id();
        refused("/access/identity_providers/" + pin, name);
        refused("/gateway/lists/" + list, "policy own");
        Api.must("DELETE", "/access/apps/" + app, null);
        Api.must("DELETE", "/access/identity_providers/" + pin, null);
        Api.must("DELETE", "/gateway/lists/" + list, null);
    }

    @Test
    @DisplayName("AD-07: a token's use does not move its entity tag")
    void trafficMovesNoTag() {
        String path = "/access/service_tokens/"
                + Api.create("/access/service_tokens", "{\"name\": \"busy\"}").id();
        String tag = Api.get(path).header("etag");
        Api.jdbc()
                .sql("update service_tokens set last_seen_at = now() where id = cast(? as uuid)")
                .param(path.substring(path.lastIndexOf('/') + 1))
                .update();
        Api.Answer seen = Api.get(path);
        assertThat(seen.result().has("last_seen_at")).isTrue();
        assertThat(seen.header("etag")).isEqualTo(tag);
        assertThat(Api.call("PUT", path, "{\"name\": \"renamed\"}", "If-Match", tag)
                        .status())
                .isEqualTo(200);
        assertThat(Api.get(path).header("etag")).isNotEqualTo(tag);
    }

    private static void refused(String path, String referrer) {
        Api.Answer answer = Api.call("DELETE", path, null);
        assertThat(answer.status()).as(path).isEqualTo(409);
        assertThat(answer.header("x-should-retry")).isEqualTo("false");
        assertThat(answer.error().path("message").asString()).contains(referrer);
    }

    @Test
    @DisplayName("AD-06: a change and its record commit together, a refused change leaves none")
    void everyChangeHasItsRecord() {
        String id = Api.create("/access/groups", """
                {"name": "before", "include": [{"everyone": {}}]}""").id();
        Api.must("PUT", "/access/groups/" + id, """
                {"name": "after", "include": [{"everyone": {}}]}""");
        assertThat(Api.call("PUT", "/access/groups/" + id, """
                {"name": "refused", "include": [{"group": {"id": "00000000-0000-4000-8000-000000000000"}}]}""").status()).isEqualTo(400);

        JsonNode trail = Api.get("/sallyport/audit?resource_id=" + id).result();
        assertThat(trail.size()).isEqualTo(2);
        JsonNode newest = trail.path(0);
        assertThat(newest.path("action").asString()).isEqualTo("replace");
        assertThat(newest.path("actor").asString()).isEqualTo("bootstrap token");
        assertThat(newest.path("source_ip").asString()).isEqualTo("127.0.0.1");
        assertThat(newest.path("before").path("name").asString()).isEqualTo("before");
        assertThat(newest.path("after").path("name").asString()).isEqualTo("after");
        assertThat(trail.path(1).path("action").asString()).isEqualTo("create");
    }

    @Test
    @DisplayName("AD-06: nobody edits the trail by API")
    void theTrailIsReadOnly() {
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
            assertThat(Api.call(method, "/sallyport/audit", "{}").status()).isEqualTo(405);
        }
    }

    @Test
    @DisplayName("AD-04: read-only members in a body change nothing")
    void readOnlyMembersAreIgnored() {
        Api.Answer app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "ro", "domain": "%s", "id": "00000000-0000-4000-8000-000000000000",
                 "uid": "x", "aud": "%s", "created_at": "2001-01-01T00:00:00Z", "account_id": "y"}""".formatted(Api.uniqueHost(), "0".repeat(64)));
        assertThat(app.id()).isNotEqualTo("00000000-0000-4000-8000-000000000000");
        assertThat(app.result().path("uid").asString()).isEqualTo(app.id());
        assertThat(app.result().path("aud").asString()).matches("[0-9a-f]{64}").isNotEqualTo("0".repeat(64));
        assertThat(app.result().path("created_at").asString()).doesNotStartWith("2001");
        assertThat(app.result().has("account_id")).isFalse();
    }

    /** One numbered call. */
    private interface Call {
        Api.Answer make(int i);
    }

    private static List<Integer> inParallel(int count, Call call) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                calls.add(() -> call.make(number).status());
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> done : executor.invokeAll(calls)) {
                statuses.add(done.get());
            }
            return statuses;
        }
    }
}
