package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the official SDKs do beyond the shapes of objects, byte by byte. */
class StockClientsIT {
    /** How their pagers go: page by page until one is empty, whatever {@code result_info} says. */
    private static List<JsonNode> allPages(String path) {
        List<JsonNode> all = new ArrayList<>();
        for (int page = 1; page < 50; page++) {
            JsonNode result = Api.get(path + (path.contains("?") ? "&" : "?") + "page=" + page)
                    .result();
            if (result.isEmpty()) {
                return all;
            }
            result.forEach(all::add);
        }
        throw new AssertionError(path + " never ends");
    }

    private static String samlProvider() {
        ObjectNode body = Api.json("""
                {"name": "%s", "type": "saml", "config": {"issuer_url": "https://saml.example.com",
                 "sso_target_url": "https://saml.example.com/sso"}}""".formatted(Api.unique("saml")));
        body.withObject("config").putArray("idp_public_certs").add(Api.authority());
        return Api.create("/access/identity_providers", body.toString()).id();
    }

    @Test
    @DisplayName(
            "What Terraform's fifth provider leaves out because its admin did, the type of what is replaced, stays as it is")
    void aReplacementWithoutATypeKeepsIt() {
        String host = Api.uniqueHost();
        String app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "before", "domain": "%s"}""".formatted(host)).id();
        String provider = Api.oneTimePin();

        JsonNode application =
                Api.must("PUT", "/access/apps/" + app, """
                {"name": "after", "domain": "%s"}""".formatted(host)).result();
        JsonNode pin =
                Api.must("PUT", "/access/identity_providers/" + provider, """
                {"name": "after", "config": {}}""").result();

        assertThat(application.path("type").asString()).isEqualTo("self_hosted");
        assertThat(application.path("name").asString()).isEqualTo("after");
        assertThat(pin.path("type").asString()).isEqualTo("onetimepin");
        assertThat(Api.call("PUT", "/access/apps/00000000-0000-4000-8000-000000000000", "{}")
                        .status())
                .isEqualTo(404);
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /access/identity_providers | {"type": "github", "config": {"client_id": "gh", "client_secret": "one"}} | {"config": {"client_secret": "two"}} | /name
            /access/identity_providers | {"type": "github", "config": {"client_id": "gh", "client_secret": "one"}} | {"name": "x", "config": {"claims": [null], "client_secret": "two"}} | /config/client_id
            /access/groups | {"include": [{"everyone": {}}]} | {"include": [{"everyone": {}}, {"email": {}}]} | /name
            /access/policies | {"decision": "deny", "include": [{"everyone": {}}]} | {"include": [{"everyone": {}}]} | /name
            /access/apps | {"type": "bookmark", "domain": "https://a.example.com"} | {"app_launcher_visible": true} | /domain
            /access/apps | {"type": "saas", "saas_app": {"auth_type": "oidc", "redirect_uris": ["https://a.example.com"]}} | {"saas_app": {"redirect_uris": [null]}} | /saas_app/redirect_uris/0
            /gateway/lists | {"type": "EMAIL", "items": [{"value": "a@example.com"}]} | {"items": [{}]} | /name
            """)
    @DisplayName(
            "Terraform's fifth provider, after it sent an imported tunnel's secret, leaves out of every other body each text that"
                    + " did not change: such a replacement is refused by name, and nothing is lost")
    void aReplacementThatLostItsTextsIsRefused(String path, String whole, String lost, String pointer) {
        String one = path + "/"
                + Api.create(
                                path,
                                Api.json(whole).put("name", Api.unique("whole")).toString())
                        .id();
        JsonNode before = Api.get(one).result();

        Api.Answer answer = Api.call("PUT", one, lost);

        assertThat(answer.status()).as(answer.envelope().toString()).isEqualTo(400);
        assertThat(answer.error().at("/source/pointer").asString()).isEqualTo(pointer);
        assertThat(Api.get(one).result()).isEqualTo(before);
    }

    @Test
    @DisplayName(
            "Bookmarks by their old paths are applications of that type: made, under a chosen id too, replaced and deleted")
    void bookmarksAreWrittenByTheirOldPaths() {
        String chosen = "5ca1ab1e-0000-4000-8000-00000000b00c";
        String body = """
                {"name": "Wages", "domain": "https://wages.example.com", "app_launcher_visible": false}""";
        String made = Api.create("/access/bookmarks", body).id();

        Api.Answer named = Api.create("/access/bookmarks/" + chosen, body);
        Api.Answer again = Api.call("POST", "/access/bookmarks/" + chosen, body);
        Api.Answer empty = Api.call("POST", "/access/bookmarks/5ca1ab1e-0000-4000-8000-00000000b00d", null);
        ObjectNode whole = Api.get("/access/apps/" + chosen).object();
        Api.must("POST", "/access/tags", "{\"name\": \"kept\"}");
        whole.putArray("tags").add("kept");
        Api.must("PUT", "/access/apps/" + chosen, whole.toString());
        Api.Answer stale = Api.call(
                "PUT", "/access/bookmarks/" + chosen, body, "If-Match", "\"00000000000000000000000000000000\"");
        Api.Answer replaced = Api.call(
                "PUT",
                "/access/bookmarks/" + chosen,
                "{\"name\": \"Pay\", \"domain\": \"pay.example.com\"}",
                "If-Match",
                Api.get("/access/bookmarks/" + chosen).header("etag"));

        assertThat(named.id()).isEqualTo(chosen);
        assertThat(again.status()).isEqualTo(409);
        assertThat(empty.error().at("/source/pointer").asString()).isEqualTo("/domain");
        assertThat(stale.status()).isEqualTo(412);
        assertThat(replaced.status()).as(replaced.envelope().toString()).isEqualTo(200);
        ObjectNode after = Api.get("/access/apps/" + chosen).object();
        assertThat(after.path("type").asString()).isEqualTo("bookmark");
        assertThat(after.path("name").asString()).isEqualTo("Pay");
        assertThat(after.path("app_launcher_visible").asBoolean())
                .as("its default")
                .isTrue();
        assertThat(after.at("/tags/0").asString())
                .as("what the old shape lacks")
                .isEqualTo("kept");
        for (String id : List.of(made, chosen)) {
            assertThat(Api.must("DELETE", "/access/bookmarks/" + id, null).id()).isEqualTo(id);
            assertThat(Api.get("/access/apps/" + id).status()).isEqualTo(404);
        }
        Api.must("DELETE", "/access/tags/kept", null);
        String other =
                Api.create("/access/apps", """
                {"type": "self_hosted", "domain": "%s"}""".formatted(Api.uniqueHost())).id();
        assertThat(Api.call("DELETE", "/access/bookmarks/" + other, null).status())
                .as("an application that is no bookmark")
                .isEqualTo(404);
    }

    @Test
    @DisplayName(
            "SAML certificates are read page by page to their end, each is there once, the oldest set first; in PEM they are files")
    void samlCertificatesHaveALastPage() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 2; i++) { // each makes a key pair
            made.add(Api.create("/access/identity_providers/" + samlProvider() + "/saml_certificate", "")
                    .id());
        }

        List<String> listed = allPages("/access/saml_certificates?per_page=1").stream()
                .map(each -> each.path("id").asString())
                .toList();

        assertThat(listed).doesNotHaveDuplicates().containsSubsequence(made);
        Api.Answer first = Api.get("/access/saml_certificates?per_page=1");
        assertThat(first.result()).hasSize(1);
        assertThat(first.envelope().path("result_info").path("total_count").asInt())
                .isEqualTo(listed.size());

        Api.Answer pem = Api.call(
                "GET",
                "/access/saml_certificates/" + made.getFirst() + "/pem",
                null,
                "Accept",
                "application/x-pem-file");
        assertThat(pem.header("content-type")).isEqualTo("application/x-pem-file");
        assertThat(pem.response().body())
                .as("a file, without an envelope")
                .isEqualTo(Api.get("/access/saml_certificates/" + made.getFirst())
                        .result()
                        .path("public_cert")
                        .asString())
                .startsWith("-----BEGIN CERTIFICATE-----\n");
    }

    @Test
    @DisplayName("the key of older clients is a token of ours, with an e-mail address beside it; a bearer wins over it")
    void aKeyIsAToken() {
        String[] right = Api.withToken();
        String token = right[1].substring("Bearer ".length());

        assertThat(Api.send("GET", "/accounts", null, "X-Auth-Email", "ada@example.com", "X-Auth-Key", token)
                        .status())
                .isEqualTo(200);
        assertThat(Api.send("GET", "/accounts", null, "X-Auth-Email", "ada@example.com", "X-Auth-Key", "wrong")
                        .status())
                .isEqualTo(401);
        assertThat(Api.send("GET", "/accounts", null, "X-Auth-Key", token).status())
                .isEqualTo(401);
        assertThat(Api.send("GET", "/accounts", null, Api.withToken("X-Auth-Email", "a@b.example", "X-Auth-Key", "no"))
                        .status())
                .isEqualTo(200);
        assertThat(Api.send(
                                "GET",
                                "/accounts",
                                null,
                                "Authorization",
                                "Bearer wrong",
                                "X-Auth-Email",
                                "a@b.example",
                                "X-Auth-Key",
                                token)
                        .status())
                .isEqualTo(401);
    }

    @Test
    @DisplayName("who may only read is told what the token may not write")
    void aReaderIsToldWhatIsMissing() {
        String token = Api.create("/sallyport/tokens", "{\"name\": \"reader\", \"role\": \"auditor\"}")
                .result()
                .path("token")
                .asString();

        Api.Answer answer = Api.send(
                "POST", "/accounts/" + Api.account() + "/access/groups", "{}", "Authorization", "Bearer " + token);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.error().path("message").asString())
                .isEqualTo("Authentication error: this token may read groups and not write them");
    }

    @ParameterizedTest
    @CsvSource({"PATCH, /access/groups, 'GET, POST'", "DELETE, /access/keys, 'GET, PUT'"})
    @DisplayName("a method that a path does not take is 405 with those it takes, in Allow and in words")
    void anotherMethodIsToldTheRightOnes(String method, String path, String allowed) {
        Api.Answer answer = Api.call(method, path, "{}");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.error().path("code").asInt()).isEqualTo(10405);
        assertThat(answer.error().path("message").asString()).contains(allowed, method);
        assertThat(answer.header("allow").split(", ?")).containsExactlyInAnyOrder(allowed.split(", "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "a\\b", "100%", "a;b", ".", ".."})
    @DisplayName("a tag's name is its address: what no address can carry is refused when the tag is made or renamed")
    void unaddressableTagsAreRefused(String name) {
        String body = Api.json("{}").put("name", name).toString();
        String present = Api.unique("addressable");
        Api.create("/access/tags", "{\"name\": \"" + present + "\"}");

        for (Api.Answer answer :
                List.of(Api.call("POST", "/access/tags", body), Api.call("PUT", "/access/tags/" + present, body))) {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.error().path("source").path("pointer").asString()).isEqualTo("/name");
            assertThat(answer.error().path("message").asString()).contains("address");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"R & D", "é", "a?b#c", "a+b", "\"quoted\" <b>", "x...y", "[1]"})
    @DisplayName("every other name of a tag is found under it, percent-encoded")
    void tagsAreFoundByTheirNames(String stem) {
        String name = Api.unique(stem);
        Api.create("/access/tags", Api.json("{}").put("name", name).toString());
        String one = "/access/tags/"
                + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");

        assertThat(Api.get(one).result().path("name").asString()).isEqualTo(name);
        assertThat(Api.must("DELETE", one, null).result().path("name").asString())
                .isEqualTo(name);
        assertThat(Api.get(one).error().path("message").asString())
                .isEqualTo("access.api.error.not_found: no tag has this name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/access/groups/", "/access/policies/", "/access/service_tokens/", "/access/users/"})
    @DisplayName("404 says that nothing of this kind has the id")
    void notFoundSaysWhat(String path) {
        Api.Answer answer = Api.get(path + "00000000-0000-4000-8000-000000000000");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error().path("message").asString())
                .isEqualTo("access.api.error.not_found: nothing of this kind has the id in the path");
    }
}
