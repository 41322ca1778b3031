package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is written is what is read: for every resource, writing back what was read changes nothing but {@code updated_at}. */
class RoundTripIT {
    static Stream<Arguments> bodies() {
        String policy = Api.policy();
        String group = Api.group();
        String pin = Api.oneTimePin();
        String emails =
                Api.create("/gateway/lists", """
                {"name": "%s", "type": "EMAIL", "items": [{"value": "ada@example.com"}]}""".formatted(Api.unique("list"))).id();
        String serviceToken = Api.create("/access/service_tokens", "{\"name\": \"" + Api.unique("ci") + "\"}")
                .id();
        Api.call("POST", "/access/tags", "{\"name\": \"zeta\"}");
        Api.call("POST", "/access/tags", "{\"name\": \"alpha\"}");
        return Stream.of(
                Arguments.of("/access/apps", """
                        {"type": "self_hosted", "name": "small", "domain": "%s"}""".formatted(Api.uniqueHost())),
                Arguments.of("/access/apps", """
                        {"type": "self_hosted", "name": "Wiki & <b>docs</b>", "domain": "%1$s/team",
                         "destinations": [{"type": "public", "uri": "%1$s/team",
                            "overrides": [{"behavior": "public", "path_pattern": "/team/health"}]},
                            {"type": "public", "uri": "*.%1$s"}, {"type": "private", "cidr": "10.0.0.0/8"}],
                         "session_duration": "1h30m", "allowed_idps": ["%2$s"], "auto_redirect_to_identity": true,
                         "app_launcher_visible": false, "logo_url": "https://cdn.example.com/l.png",
                         "tags": ["zeta", "alpha"],
                         "cors_headers": {"allowed_origins": ["https://a.example.com"], "allow_all_methods": true,
                            "allow_credentials": true, "max_age": 600},
                         "same_site_cookie_attribute": "lax", "http_only_cookie_attribute": false,
                         "enable_binding_cookie": true, "path_cookie_attribute": true,
                         "service_auth_401_redirect": true, "skip_interstitial": true,
                         "read_service_tokens_from_header": "X-Service", "custom_deny_message": "no\\nentry",
                         "custom_deny_url": "https://example.com/denied",
                         "custom_non_identity_deny_url": "https://example.com/stop", "allow_iframe": true,
                         "eager_redirect_cookie_setting": false, "future_member": {"kept": [1, 2.50, "three"]},
                         "policies": [{"id": "%3$s", "precedence": 7},
                            {"name": "own", "decision": "non_identity", "precedence": 3,
                             "include": [{"service_token": {"token_id": "%4$s"}}], "exclude": [],
                             "require": [{"ip": {"ip": "192.0.2.7"}}]}]}""".formatted(Api.uniqueHost(), pin, policy, serviceToken)),
                Arguments.of("/access/apps", """
                        {"type": "self_hosted", "self_hosted_domains": ["%s", "%s/*/x"], "name": "old clients",
                         "domain_type": "public", "private_address": "", "destinations": null, "logo_url": ""}""".formatted(Api.uniqueHost(), Api.uniqueHost())),
                Arguments.of("/access/apps", """
                        {"type": "self_hosted", "name": "outward", "domain": "%s", "scim_config": {"enabled": true, "idp_uid": "%s",
                         "remote_uri": "https://scim.example.com/v2", "deactivate_on_delete": true,
                         "authentication": [{"scheme": "httpbasic", "user": "u", "password": "12345"},
                            {"scheme": "access_service_token", "client_id": "c", "client_secret": "s"}]}}""".formatted(Api.uniqueHost(), pin)),
                Arguments.of("/access/apps", """
                        {"type": "bookmark", "name": "Link", "domain": "https://intra.example.com/x?y=1"}"""),
                Arguments.of("/access/apps", """
                        {"type": "app_launcher", "name": "Launcher", "bg_color": "#ffffff",
                         "footer_links": [{"name": "Help", "url": "https://example.com"}]}"""),
                Arguments.of("/access/policies", """
                        {"name": "Every selector", "decision": "allow", "session_duration": "30m",
                         "include": [{"email": {"email": "Ada@Example.com"}}, {"email_list": {"id": "%1$s"}},
                            {"everyone": {}}, {"ip": {"ip": "192.0.2.1"}}, {"ip": {"ip": "2001:db8::/32"}},
                            {"geo": {"country_code": "PT"}}, {"group": {"id": "%2$s"}}, {"certificate": {}},
                            {"common_name": {"common_name": "x"}}, {"auth_method": {"auth_method": "mfa"}},
                            {"login_method": {"id": "%3$s"}},
                            {"github-organization": {"identity_provider_id": "%3$s", "name": "org", "team": "t"}},
                            {"gsuite": {"identity_provider_id": "%3$s", "email": "g@example.com"}},
                            {"okta": {"identity_provider_id": "%3$s", "name": "g"}},
                            {"azureAD": {"identity_provider_id": "%3$s", "id": "o"}},
                            {"saml": {"identity_provider_id": "%3$s", "attribute_name": "n", "attribute_value": "v"}},
                            {"oidc": {"identity_provider_id": "%3$s", "claim_name": "n", "claim_value": "v"}}],
                         "exclude": [{"email": {"email": "b@example.com"}}, {"email": {"email": "a@example.com"}}],
                         "purpose_justification_required": true, "purpose_justification_prompt": "why?",
                         "approval_required": false, "approval_groups": [{"approvals_needed": 1,
                            "email_addresses": ["boss@example.com"]}],
                         "isolation_required": false, "mfa_config": {"allowed_authenticators": ["totp"],
                            "mfa_disabled": true, "session_duration": "5m"}}""".formatted(emails, group, pin)),
                Arguments.of("/access/groups", """
                        {"name": "Nested", "include": [{"group": {"id": "%s"}}, {"email_domain": {"domain": "example.org"}}],
                         "require": [{"everyone": {}}], "is_default": true}""".formatted(group)),
                Arguments.of("/access/groups", """
                        {"name": "Plain", "is_default": false, "include": [{"everyone": {}}]}"""),
                Arguments.of("/access/identity_providers", """
                        {"name": "Keycloak", "type": "oidc", "config": {"client_id": "c", "client_secret": "s3cret",
                         "auth_url": "https://idp.example.com/auth", "token_url": "https://idp.example.com/token",
                         "certs_url": "https://idp.example.com/certs", "scopes": ["openid", "email"],
                         "claims": ["groups"], "email_claim_name": "email", "pkce_enabled": true}}"""),
                Arguments.of("/access/identity_providers", """
                        {"name": "PIN", "type": "onetimepin"}"""),
                Arguments.of("/access/identity_providers", """
                        {"name": "Okta", "type": "okta", "config": {"client_id": "c", "client_secret": "s",
                         "okta_account": "https://acme.okta.com", "api_token": "t"},
                         "scim_config": {"enabled": true, "user_deprovision": true,
                            "identity_update_behavior": "automatic", "secret": "ignored"}}"""),
                Arguments.of("/access/service_tokens", """
                        {"name": "CI", "duration": "720h", "enabled": false}"""),
                Arguments.of("/access/service_tokens", """
                        {"name": "For good", "duration": "forever"}"""),
                Arguments.of("/access/users", """
                        {"email": "%s@example.com", "name": "Ada"}""".formatted(Api.unique("ada"))),
                Arguments.of("/gateway/lists", """
                        {"name": "Offices", "type": "IP", "description": "where we sit",
                         "items": [{"value": "192.0.2.0/24", "description": "Lisbon"}, {"value": "2001:db8::1"}]}"""),
                Arguments.of(
                        "/access/certificates",
                        Api.json("{\"associated_hostnames\": [\"mtls.example.com\"], \"name\": \"Our CA\"}")
                                .put("certificate", Api.authority())
                                .toString()),
                Arguments.of("/access/custom_pages", """
                        {"name": "Denied", "type": "identity_denied", "custom_html": "<h1>No & no</h1>", "contract_version": 1}"""),
                Arguments.of("/sallyport/tokens", """
                        {"name": "Terraform", "role": "editor", "scopes": {"applications": "write", "groups": "read"},
                         "expires_at": "2999-01-01T00:00:00Z"}"""),
                Arguments.of("/sallyport/tokens", """
                        {"name": "All", "role": "owner"}"""),
                Arguments.of("/sallyport/origins", """
                        {"hostname": "%s", "path": "/docs", "service": "http://10.0.0.5:3000",
                         "origin_request": {"httpHostHeader": "wiki.internal", "connectTimeout": 30, "noTLSVerify": true}}""".formatted(Api.uniqueHost())));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("bodies")
    @DisplayName("writing back what was read changes nothing; AD-07: If-Match of another state is 412")
    void writingBackWhatWasReadChangesNothing(String path, String body) {
        Api.Answer created = Api.create(path, body);
        String id = created.result()
                .path(path.endsWith("custom_pages") ? "uid" : "id")
                .asString();
        String one = path + "/" + id;
        Api.Answer read = Api.get(one);
        ObjectNode first = read.object();

        Api.must("PUT", one, first.toString());
        ObjectNode second = Api.get(one).object();

        assertThat(withoutTime(second).toString()).isEqualTo(withoutTime(first).toString());
        ObjectNode answered = created.object().deepCopy();
        answered.remove(List.of("client_secret", "token"));
        if (answered.path("scim_config") instanceof ObjectNode scim) {
            scim.remove("secret");
        }
        assertThat(first.toString())
                .as("the answer to the write is the object, to the byte")
                .isEqualTo(answered.toString());
        conditionsCount(one, first);
        if (path.endsWith("certificates")) {
            Api.must("PUT", one, "{\"associated_hostnames\": []}");
        }
        Api.must("DELETE", one, null);
        assertThat(Api.get(one).status()).isEqualTo(404);
    }

    private static void conditionsCount(String one, ObjectNode object) {
        String present = Api.get(one).header("etag");
        for (String method : List.of("PUT", "DELETE")) {
            Api.Answer refused = Api.call(method, one, object.toString(), "If-Match", "\"another\"");
            assertThat(refused.status()).as(method).isEqualTo(412);
            assertThat(refused.error().path("message").asString()).isNotBlank();
        }
        assertThat(Api.get(one).header("etag")).isEqualTo(present).startsWith("\"");
        Api.Answer written = Api.call("PUT", one, object.toString(), "If-Match", present);
        assertThat(written.status()).isEqualTo(200);
        if (!one.startsWith("/access/service_tokens")) { // whose answers may hold a secret, and so have no tag
            assertThat(written.header("etag"))
                    .as("the tag of the answer is the tag of the next read, so that writes can follow each other")
                    .isEqualTo(Api.get(one).header("etag"));
        }
    }

    /** What the Terraform provider sends: version 4 (Go v0) with zero values and computed members, version 5 with nulls. */
    static Stream<Arguments> terraform() {
        String host = Api.uniqueHost();
        String policy = Api.policy();
        String pin = Api.oneTimePin();
        return Stream.of(
                Arguments.of("v4 application", "/access/apps", """
                        {"id": "", "name": "Wiki", "domain": "%1$s", "type": "self_hosted", "session_duration": "24h",
                         "allowed_idps": null, "auto_redirect_to_identity": false, "enable_binding_cookie": false,
                         "app_launcher_visible": true, "http_only_cookie_attribute": true, "service_auth_401_redirect": false,
                         "custom_deny_message": "", "custom_deny_url": "", "custom_non_identity_deny_url": "",
                         "logo_url": "", "same_site_cookie_attribute": "", "skip_interstitial": false, "aud": "",
                         "self_hosted_domains": ["%1$s"], "cors_headers": null, "saas_app": null, "gateway_rules": null,
                         "created_at": null, "updated_at": null, "tags": null, "footer_links": null,
                         "options_preflight_bypass": false, "landing_page_design": {}}""".formatted(host)),
                Arguments.of("v5 application", "/access/apps", """
                        {"type": "self_hosted", "name": "Wiki", "domain": "v5.%1$s", "session_duration": "8h",
                         "destinations": [{"type": "public", "uri": "v5.%1$s"}, {"type": "public", "uri": "b.%1$s/x"}],
                         "allowed_idps": ["%2$s"], "auto_redirect_to_identity": true, "app_launcher_visible": false,
                         "enable_binding_cookie": false, "http_only_cookie_attribute": true,
                         "options_preflight_bypass": false, "path_cookie_attribute": false, "tags": [],
                         "cors_headers": {"allow_all_methods": true, "allowed_origins": ["https://a.example.com"],
                            "max_age": 10}, "custom_pages": [], "logo_url": null, "same_site_cookie_attribute": "strict",
                         "skip_interstitial": null, "policies": [{"id": "%3$s", "precedence": 1}]}""".formatted(host, pin, policy)),
                Arguments.of("v5 application that provisions outward", "/access/apps", """
                        {"type": "self_hosted", "name": "Scim", "domain": "scim.%1$s", "policies": [],
                         "scim_config": {"enabled": true, "remote_uri": "scim.com", "idp_uid": "%2$s",
                            "deactivate_on_delete": true, "mappings": [{"enabled": true,
                            "schema": "urn:ietf:params:scim:schemas:core:2.0:User", "filter": "title pr",
                            "operations": {"create": true, "delete": true, "update": true}}]}}""".formatted(host, pin)),
                Arguments.of("v4 group", "/access/groups", """
                        {"id": "", "created_at": null, "updated_at": null, "name": "Staff",
                         "include": [{"email": {"email": "b@example.com"}}, {"email": {"email": "a@example.com"}}],
                         "exclude": null, "require": null}"""),
                Arguments.of("v5 group", "/access/groups", """
                        {"name": "Staff", "include": [{"email_domain": {"domain": "example.com"}},
                         {"ip": {"ip": "192.0.2.0/24"}}], "exclude": [], "require": [], "is_default": null}"""),
                Arguments.of("v5 policy", "/access/policies", """
                        {"name": "Staff", "decision": "allow", "include": [{"everyone": {}}], "exclude": [], "require": [],
                         "approval_required": false, "approval_groups": [], "isolation_required": false,
                         "purpose_justification_required": false, "session_duration": "24h", "connection_rules": null}"""),
                Arguments.of("v4 identity provider", "/access/identity_providers", """
                        {"id": "", "name": "Keycloak", "type": "oidc", "config": {"client_id": "c", "client_secret": "s",
                         "auth_url": "https://idp.example.com/a", "token_url": "https://idp.example.com/t",
                         "certs_url": "https://idp.example.com/c", "scopes": ["openid"], "claims": ["groups"],
                         "api_token": "", "okta_account": "", "apps_domain": "", "sign_request": false,
                         "pkce_enabled": true, "support_groups": false}, "scim_config": {}}"""),
                Arguments.of("v5 one-time PIN", "/access/identity_providers", """
                        {"name": "PIN", "type": "onetimepin", "config": {}, "scim_config": null}"""),
                Arguments.of("v4 service token", "/access/service_tokens", """
                        {"name": "ci", "duration": "8760h"}"""),
                Arguments.of("v5 service token", "/access/service_tokens", """
                        {"name": "ci", "duration": "8760h", "client_secret_version": 1,
                         "previous_client_secret_expires_at": null}"""),
                Arguments.of("list", "/gateway/lists", """
                        {"name": "Offices", "type": "IP", "description": "",
                         "items": [{"value": "192.0.2.1"}, {"value": "192.0.2.0/28", "description": "Lisbon"}]}"""),
                Arguments.of("custom page", "/access/custom_pages", """
                        {"name": "Denied", "type": "forbidden", "custom_html": "<h1>No</h1>", "app_count": 0}"""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("terraform")
    @DisplayName("Terraform's bodies: what was set is echoed, and applying them again changes nothing")
    void terraformSeesNoDrift(String what, String path, String body) {
        ObjectNode sent = Api.json(body);
        Api.Answer created = Api.create(path, body);
        String one = path + "/"
                + created.result()
                        .path(path.endsWith("custom_pages") ? "uid" : "id")
                        .asString();
        ObjectNode first = Api.get(one).object();
        assertEchoed(sent, first);
        if (!created.header("etag").isEmpty()) {
            assertThat(created.header("etag")).isEqualTo(Api.get(one).header("etag"));
        }
        ObjectNode again = sent.deepCopy();
        if (what.startsWith("v4")) {
            again.put("id", created.id());
            again.set("aud", first.path("aud").isMissingNode() ? again.nullNode() : first.get("aud"));
            again.set("created_at", first.get("created_at"));
        }
        Api.must("PUT", one, again.toString());
        assertThat(withoutTime(Api.get(one).object()).toString())
                .isEqualTo(withoutTime(first).toString());
        Api.must("DELETE", one, null);
    }

    @Test
    @DisplayName("a list without items has none to read, which Terraform's fifth provider would take for a change")
    void aListWithoutItemsIsReadWithoutThem() {
        Api.Answer created = Api.create("/gateway/lists", """
                {"name": "Empty", "type": "EMAIL"}""");

        assertThat(Api.get("/gateway/lists/" + created.id()).object().has("items"))
                .isFalse();

        Api.must("DELETE", "/gateway/lists/" + created.id(), null);
    }

    /** Every member that says something is read as it was sent, in its order. */
    private static void assertEchoed(ObjectNode sent, ObjectNode read) {
        sent.properties().forEach(member -> {
            JsonNode value = member.getValue();
            boolean silent = value.isNull()
                    || value.isContainer() && value.isEmpty()
                    || value.isString() && value.stringValue().isEmpty();
            switch (member.getKey()) {
                case "policies", "items", "app_count" ->
                    assertThat(read.has("id") || read.has("uid")).isTrue();
                case "config" ->
                    assertThat(read.path("config").has("client_secret")).isFalse();
                default -> {
                    if (!silent) {
                        assertThat(read.get(member.getKey()))
                                .as(member.getKey())
                                .isEqualTo(value);
                    }
                }
            }
        });
    }

    @Test
    @DisplayName("the organisation's PUT merges: one member sent changes one member")
    void organizationMerges() {
        Api.must("PUT", "/access/organizations", """
                {"login_design": {"header_text": "Hi", "background_color": "#123456"}, "session_duration": "24h"}""");
        ObjectNode before = Api.get("/access/organizations").object();
        Api.must("PUT", "/access/organizations", "{\"auto_redirect_to_identity\": true}");
        ObjectNode after = Api.get("/access/organizations").object();

        assertThat(after.path("auto_redirect_to_identity").asBoolean()).isTrue();
        after.remove(List.of("auto_redirect_to_identity", "updated_at"));
        before.remove(List.of("updated_at"));
        assertThat(after).isEqualTo(before);
        Api.must("PUT", "/access/organizations", "{\"auto_redirect_to_identity\": null, \"login_design\": null}");
        assertThat(Api.get("/access/organizations").object().has("login_design"))
                .isFalse();
    }

    @Test
    void aZonePathHoldsTheSameObjects() {
        Api.Answer app = Api.create("/access/apps", """
                {"type": "self_hosted", "name": "z", "domain": "%s"}""".formatted(Api.uniqueHost()));
        String zone = Api.send("GET", "/zones", null, Api.withToken())
                .result()
                .path(0)
                .path("id")
                .asString();
        Api.Answer same = Api.send("GET", "/zones/" + zone + "/access/apps/" + app.id(), null, Api.withToken());
        assertThat(zone).matches("[0-9a-f]{32}");
        assertThat(same.result()).isEqualTo(app.result());
    }

    private static ObjectNode withoutTime(ObjectNode object) {
        ObjectNode copy = object.deepCopy();
        copy.remove("updated_at");
        return copy;
    }
}
