package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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
        Api.create("/access/tags", "{\"name\": \"zeta\"}");
        Api.create("/access/tags", "{\"name\": \"alpha\"}");
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
                Arguments.of("/sallyport/origins", """
                        {"hostname": "%s", "path": "/docs", "service": "http://10.0.0.5:3000",
                         "origin_request": {"httpHostHeader": "wiki.internal", "connectTimeout": 30, "noTLSVerify": true}}""".formatted(Api.uniqueHost())));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("bodies")
    void writingBackWhatWasReadChangesNothing(String path, String body) {
        Api.Answer created = Api.create(path, body);
        String one = path + "/" + created.id();
        ObjectNode first = Api.get(one).object();

        Api.must("PUT", one, first.toString());
        ObjectNode second = Api.get(one).object();

        assertThat(withoutTime(second)).isEqualTo(withoutTime(first));
        ObjectNode answered = created.object().deepCopy();
        answered.remove("client_secret");
        assertThat(first).as("the answer to the write is the object").isEqualTo(answered);
        Api.must("DELETE", one, null);
        assertThat(Api.get(one).status()).isEqualTo(404);
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
