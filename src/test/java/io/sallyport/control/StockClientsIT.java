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

/** What the official SDKs do beyond the shapes of objects, byte by byte (spec/rest-api.md §1). */
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
