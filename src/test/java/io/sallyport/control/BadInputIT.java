package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bad request has a stated status, code and message, and names the field (AD-04, AD-08). */
class BadInputIT {
    private static final String NOBODY = "00000000-0000-4000-8000-000000000000";

    @BeforeAll
    static void takeAPattern() {
        Api.call("POST", "/access/apps", """
                {"type": "self_hosted", "name": "taken", "domain": "taken.example.com"}""");
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            POST | /access/apps | {} | 400 | 12130 | /type
            POST | /access/apps | {"type": "nonsense"} | 400 | 12130 | /type
            POST | /access/apps | {"type": 7} | 400 | 12130 | /type
            POST | /access/apps | {"type": "self_hosted", "name": "x"} | 400 | 12130 | /domain
            POST | /access/apps | {"type": "self_hosted", "domain": "https://x.example.com"} | 400 | 12130 | /domain
            POST | /access/apps | {"type": "self_hosted", "domain": "x.example.com:8080"} | 400 | 12130 | /domain
            POST | /access/apps | {"type": "self_hosted", "domain": "x.example.com/a?b"} | 400 | 12130 | /domain
            POST | /access/apps | {"type": "self_hosted", "domain": "x.example.com/cdn-cgi/access"} | 400 | 12130 | /domain
            POST | /access/apps | {"type": "self_hosted", "domain": "auth.localhost"} | 400 | 12130 | /destinations
            POST | /access/apps | {"type": "self_hosted", "domain": "console.localhost/x"} | 400 | 12130 | /destinations
            POST | /access/apps | {"type": "self_hosted", "domain": "TAKEN.example.com/"} | 409 | 11010 |
            POST | /access/apps | {"type": "self_hosted", "domain": "a.example.com", "destinations": [{"uri": "b.example.com"}]} | 400 | 12130 | /domain
            POST | /access/apps | {"type": "self_hosted", "destinations": [{"uri": "b.example.com"}, {"uri": "B.example.com"}]} | 400 | 12130 | /destinations/1
            POST | /access/apps | {"type": "self_hosted", "destinations": [{"type": "public"}]} | 400 | 12130 | /destinations/0/uri
            POST | /access/apps | {"type": "self_hosted", "destinations": ["b.example.com"]} | 400 | 12130 | /destinations/0
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "session_duration": "1d"} | 400 | 12130 | /session_duration
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "session_duration": "1000h"} | 400 | 12130 | /session_duration
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "session_duration": 24} | 400 | 12130 | /session_duration
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "allowed_idps": ["%1$s"]} | 400 | 12130 | /allowed_idps/0
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "allowed_idps": "x"} | 400 | 12130 | /allowed_idps
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "auto_redirect_to_identity": true} | 400 | 12130 | /auto_redirect_to_identity
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "tags": ["nosuchtag"]} | 400 | 12130 | /tags/0
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "logo_url": "javascript:alert(1)"} | 400 | 12130 | /logo_url
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "custom_deny_url": "//evil.example"} | 400 | 12130 | /custom_deny_url
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "same_site_cookie_attribute": "Lax"} | 400 | 12130 | /same_site_cookie_attribute
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "http_only_cookie_attribute": "yes"} | 400 | 12130 | /http_only_cookie_attribute
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "read_service_tokens_from_header": "a b"} | 400 | 12130 | /read_service_tokens_from_header
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "name": "a\\u0007b"} | 400 | 12130 | /name
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "cors_headers": {"allow_all_origins": true, "allow_all_methods": true, "allow_credentials": true}} | 400 | 12130 | /cors_headers/allow_credentials
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "cors_headers": {"allow_all_origins": true, "allowed_origins": ["https://a.example"], "allow_all_methods": true}} | 400 | 12130 | /cors_headers/allowed_origins
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "cors_headers": {"allow_all_origins": true}} | 400 | 12130 | /cors_headers/allowed_methods
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "cors_headers": {"allowed_origins": ["*"], "allow_all_methods": true}} | 400 | 12130 | /cors_headers/allowed_origins/0
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "options_preflight_bypass": true, "cors_headers": {"allow_all_origins": true, "allow_all_methods": true}} | 400 | 12130 | /cors_headers
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "scim_config": {"mappings": [{"schema": "x"}]}} | 400 | 12130 | /scim_config/mappings/0/schema
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "scim_config": {"remote_uri": "scim.com", "authentication": {"scheme": "httpbasic", "user": "u"}}} | 400 | 12130 | /scim_config/authentication/password
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "scim_config": {"remote_uri": "scim.com", "authentication": {"scheme": "oauth2", "authorization_url": "https://a.example.com"}}} | 400 | 12130 | /scim_config/authentication/token_url
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": ["%1$s"]} | 400 | 12130 | /policies/0
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": ["x"]} | 400 | 12130 | /policies/0
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": [{"name": "a", "decision": "allow", "include": [{"everyone": {}}], "precedence": 2}, {"name": "b", "decision": "allow", "include": [{"everyone": {}}]}]} | 400 | 11018 | /policies/1/precedence
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": [{"name": "a", "decision": "allow", "include": [{"everyone": {}}], "precedence": 0}]} | 400 | 11018 | /policies/0/precedence
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": [{"name": "a", "decision": "allow", "include": [{"nosuch": {}}]}]} | 400 | 12130 | /policies/0/include/0
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": [{"name": "a", "decision": "allow", "include": [{"group": {"id": "%1$s"}}]}]} | 400 | 11020 | /policies/0/include/0/group/id
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": [{"name": "a", "decision": "bypass", "include": [{"email_domain": {"domain": "example.com"}}]}]} | 400 | 12130 | /policies/0/include/0
            POST | /access/policies | {"name": "a", "decision": "allow", "include": []} | 400 | 12130 | /include
            POST | /access/policies | {"name": "a", "decision": "maybe", "include": [{"everyone": {}}]} | 400 | 12130 | /decision
            POST | /access/policies | {"decision": "allow", "include": [{"everyone": {}}]} | 400 | 12130 | /name
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"everyone": {}, "certificate": {}}]} | 400 | 12130 | /include/0
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"ip": {"ip": "300.0.0.1"}}]} | 400 | 12130 | /include/0
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"email_list": {"id": "%1$s"}}]} | 400 | 12130 | /include/0/email_list/id
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"login_method": {"id": "%1$s"}}]} | 400 | 12130 | /include/0/login_method/id
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"service_token": {"token_id": "%1$s"}}]} | 400 | 12130 | /include/0/service_token/token_id
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"everyone": {}}], "approval_required": true} | 400 | 12130 | /approval_required
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"everyone": {}}], "purpose_justification_required": true, "approval_required": true, "approval_groups": [{"approvals_needed": 1, "email_addresses": ["b@example.com"]}]} | 400 | 12130 | /approval_required
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"everyone": {}}], "approval_groups": [{"approvals_needed": 1}]} | 400 | 12130 | /approval_groups/0/email_addresses
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "policies": [{"name": "a", "decision": "allow", "include": [{"everyone": {}}], "approval_required": true}]} | 400 | 12130 | /policies/0/approval_required
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"everyone": {}}], "mfa_config": {"allowed_authenticators": ["totp"]}} | 400 | 12130 | /mfa_config/allowed_authenticators
            POST | /access/policies | {"name": "a", "decision": "allow", "include": [{"everyone": {}}], "mfa_config": {"allowed_authenticators": ["sms"]}} | 400 | 12130 | /mfa_config/allowed_authenticators
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "mfa_config": {"allowed_authenticators": ["security_key"], "mfa_disabled": false}} | 400 | 12130 | /mfa_config/allowed_authenticators
            POST | /access/apps | {"type": "self_hosted", "domain": "d.example.com", "mfa_config": {"session_duration": "5m"}} | 400 | 12130 | /mfa_config/session_duration
            PUT | /access/organizations | {"mfa_config": {"required_aaguids": ["x"]}} | 400 | 12130 | /mfa_config/required_aaguids
            PUT | /access/organizations | {"mfa_required_for_all_apps": true} | 400 | 12130 | /mfa_required_for_all_apps
            POST | /access/groups | {"name": "g", "include": [{"group": {"id": "%1$s"}}]} | 400 | 11020 | /include/0/group/id
            POST | /access/groups | {"name": "g"} | 400 | 12130 | /include
            POST | /access/identity_providers | {"name": "i", "type": "oidc"} | 400 | 12130 | /config
            POST | /access/identity_providers | {"name": "i", "type": "oidc", "config": {"client_id": "c"}} | 400 | 12130 | /config/auth_url
            POST | /access/identity_providers | {"name": "i", "type": "google", "config": {}} | 400 | 12130 | /config/client_id
            POST | /access/identity_providers | {"name": "i", "type": "cloudflare", "config": {}} | 400 | 12130 | /type
            POST | /access/identity_providers | {"name": "i", "type": "okta", "config": {"client_id": "c", "okta_account": "not a host"}} | 400 | 12130 | /config/okta_account
            POST | /access/identity_providers | {"name": "i", "type": "okta", "config": {"client_id": "c", "okta_account": "https://not a host"}} | 400 | 12130 | /config/okta_account
            POST | /access/identity_providers | {"name": "i", "type": "okta", "config": {"client_id": "c", "okta_account": "acme.okta.com/x y"}} | 400 | 12130 | /config/okta_account
            POST | /access/identity_providers | {"name": "i", "type": "okta", "config": {"client_id": "c", "okta_account": "acme.okta.com", "authorization_server_id": "a/../b"}} | 400 | 12130 | /config/authorization_server_id
            POST | /access/identity_providers | {"name": "i", "type": "azureAD", "config": {"client_id": "c", "directory_id": "a b"}} | 400 | 12130 | /config/directory_id
            POST | /access/identity_providers | {"name": "i", "type": "pingone", "config": {"client_id": "c", "ping_env_id": "a?b"}} | 400 | 12130 | /config/ping_env_id
            POST | /access/identity_providers | {"name": "i", "type": "onelogin", "config": {"client_id": "c", "onelogin_account": "a b"}} | 400 | 12130 | /config/onelogin_account
            POST | /access/identity_providers | {"name": "i", "type": "centrify", "config": {"client_id": "c", "centrify_account": "a.example.com", "centrify_app_id": "<x>"}} | 400 | 12130 | /config/centrify_app_id
            POST | /access/identity_providers | {"name": "i", "type": "onetimepin", "config": {}, "scim_config": {"enabled": true}} | 400 | 12130 | /scim_config
            POST | /access/identity_providers | {"name": "i", "type": "google", "config": {"client_id": "c", "claims": "x"}} | 400 | 12130 | /config/claims
            POST | /access/service_tokens | {} | 400 | 12130 | /name
            POST | /access/service_tokens | {"name": "s", "duration": "soon"} | 400 | 12130 | /duration
            POST | /access/service_tokens | {"name": "s", "enabled": "no"} | 400 | 12130 | /enabled
            PUT | /access/organizations | {"session_duration": "1m"} | 400 | 12130 | /session_duration
            PUT | /access/organizations | {"login_design": {"background_color": "red;}"}} | 400 | 12130 | /login_design/background_color
            PUT | /access/organizations | {"auth_domain": "not a host"} | 400 | 12130 | /auth_domain
            PUT | /access/organizations | {"auth_domain": "elsewhere.example.com"} | 409 | 12130 |
            PUT | /access/organizations | {"user_seat_expiration_inactive_time": "1h"} | 400 | 12130 | /user_seat_expiration_inactive_time
            POST | /access/users | {"email": "a@b@c"} | 400 | 12130 | /email
            POST | /access/tags | {"name": ""} | 400 | 12130 | /name
            POST | /gateway/lists | {"name": "l", "type": "EMAIL", "items": [{"value": "nobody"}]} | 400 | 12130 | /items/0/value
            POST | /gateway/lists | {"name": "l", "type": "IP", "items": [{"value": "10.0.0.0/99"}]} | 400 | 12130 | /items/0/value
            POST | /gateway/lists | {"name": "l", "type": "PHONE"} | 400 | 12130 | /type
            POST | /sallyport/origins | {"hostname": "o.example.com"} | 400 | 12130 | /service
            POST | /sallyport/origins | {"hostname": "o.example.com", "service": "ftp://10.0.0.1"} | 400 | 12130 | /service
            POST | /sallyport/origins | {"hostname": "o.example.com", "service": "http://u:p@10.0.0.1"} | 400 | 12130 | /service
            POST | /sallyport/origins | {"hostname": "o.example.com", "service": "http://10.0.0.1/x"} | 400 | 12130 | /service
            POST | /sallyport/origins | {"hostname": "o.example.com/x", "service": "http://10.0.0.1"} | 400 | 12130 | /hostname
            POST | /sallyport/origins | {"hostname": "o.example.com", "service": "http://10.0.0.1", "origin_request": {"bastionMode": true}} | 400 | 12130 | /origin_request/bastionMode
            POST | /sallyport/origins | {"hostname": "localhost", "service": "http://10.0.0.1"} | 400 | 12130 | /hostname
            POST | /access/certificates | {"name": "c"} | 400 | 12130 | /certificate
            POST | /access/certificates | {"name": "c", "certificate": "no PEM"} | 400 | 12130 | /certificate
            POST | /access/certificates | {"certificate": "x"} | 400 | 12130 | /name
            PUT | /access/certificates/%1$s | {"name": "c"} | 400 | 12130 | /associated_hostnames
            PUT | /access/certificates/%1$s | {"associated_hostnames": ["a b"]} | 400 | 12130 | /associated_hostnames/0
            PUT | /access/certificates/settings | {"settings": [{}]} | 400 | 12130 | /settings/0/hostname
            PUT | /access/certificates/settings | {"settings": [{"hostname": "a.example.com", "china_network": "no"}]} | 400 | 12130 | /settings/0/china_network
            POST | /access/custom_pages | {"name": "p", "type": "forbidden"} | 400 | 12130 | /custom_html
            POST | /access/custom_pages | {"name": "p", "type": "welcome", "custom_html": "x"} | 400 | 12130 | /type
            POST | /access/custom_pages | {"name": "p", "type": "forbidden", "custom_html": 7} | 400 | 12130 | /custom_html
            PATCH | /access/seats | {} | 400 | 12130 |
            GET | /access/bookmarks/%1$s | `` | 404 | 12135 |
            GET | /access/identity_providers/%1$s/scim/groups | `` | 404 | 12135 |
            PUT | /access/keys | {"key_rotation_interval_days": 3} | 400 | 12130 | /key_rotation_interval_days
            GET | /access/apps/notanid | `` | 400 | 12045 |
            GET | /access/apps/%1$s | `` | 404 | 12135 |
            PUT | /access/policies/%1$s | {"name": "a", "decision": "allow", "include": [{"everyone": {}}]} | 404 | 12135 |
            GET | /access/groups/notanid | `` | 404 | 12135 |
            DELETE | /access/identity_providers/%1$s | `` | 404 | 12135 |
            GET | /access/tags/nosuchtag | `` | 404 | 12135 |
            GET | /access/apps?per_page=1001 | `` | 400 | 12130 |
            GET | /access/apps?page=0 | `` | 400 | 12130 |
            GET | /access/apps?exact=maybe | `` | 400 | 12130 |
            GET | /access/logs/access_requests?since=yesterday | `` | 400 | 12130 |
            GET | /access/nosuch | `` | 404 | 7003 |
            GET | /access/apps/ | `` | 404 | 7003 |
            DELETE | /access/apps/ | `` | 404 | 7003 |
            DELETE | /access/apps | `` | 405 | 10405 |
            POST | /access/apps | [1] | 400 | 12130 |
            POST | /access/apps | {"a": 1, "a": 2} | 400 | 12130 | /a
            """)
    void badRequestsAreAnswered(String method, String path, String body, int status, int code, String pointer) {
        Api.Answer answer = Api.call(method, path.formatted(NOBODY), body == null ? null : body.formatted(NOBODY));

        assertThat(answer.status()).as(answer.envelope().toString()).isEqualTo(status);
        assertThat(answer.error().path("code").asInt()).isEqualTo(code);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.envelope().path("success").asBoolean()).isFalse();
        assertThat(answer.envelope().path("messages").isArray()).isTrue();
        assertThat(answer.result().isNull()).isTrue();
        if (pointer != null) {
            assertThat(answer.error().path("source").path("pointer").asString()).startsWith(pointer);
            assertThat(answer.error().path("message").asString()).contains(pointer);
        }
        assertThat(answer.header("x-should-retry")).isEqualTo(status == 409 ? "false" : "");
    }

    @Test
    @DisplayName("AD-08: a body over 1 MiB is 413, announced or not")
    void bodiesAreBounded() {
        String huge = "{\"name\": \"" + "x".repeat(5 << 20) + "\"}";
        assertThat(Api.call("POST", "/access/groups", huge).status()).isEqualTo(413);
        HttpRequest chunked = HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                        + Api.server().port() + "/client/v4/accounts/" + Api.account() + "/access/groups"))
                .headers(Api.withToken())
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(huge.getBytes(StandardCharsets.UTF_8))))
                .build();
        assertThat(Api.exchange(chunked).status()).isEqualTo(413);
    }

    @Test
    void namesHaveAtMost350Characters() {
        String body = "{\"name\": \"%s\", \"include\": [{\"everyone\": {}}]}";
        assertThat(Api.call("POST", "/access/groups", body.formatted("x".repeat(350)))
                        .status())
                .isEqualTo(200);
        Api.Answer refused = Api.call("POST", "/access/groups", body.formatted("x".repeat(351)));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("source").path("pointer").asString()).isEqualTo("/name");
    }

    @Test
    void groupsFormNoCircle() {
        String inner = Api.group();
        String outer = Api.create("/access/groups", """
                {"name": "outer", "include": [{"group": {"id": "%s"}}]}""".formatted(inner)).id();
        Api.Answer refused = Api.call("PUT", "/access/groups/" + inner, """
                {"name": "inner", "include": [{"everyone": {}}], "exclude": [{"group": {"id": "%s"}}]}""".formatted(outer));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("source").path("pointer").asString()).isEqualTo("/exclude/0/group/id");
        assertThat(Api.call("PUT", "/access/groups/" + inner, """
                {"name": "inner", "include": [{"group": {"id": "%s"}}]}""".formatted(inner))
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/access/apps", "/access/policies", "/access/groups", "/access/tags"})
    @DisplayName("a page past the end is 200 with an empty array")
    void pagesPastTheEndAreEmpty(String path) {
        Api.Answer answer = Api.get(path + "?page=2000000&per_page=1000");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.result().isArray()).isTrue();
        assertThat(answer.result().isEmpty()).isTrue();
        assertThat(answer.envelope().path("result_info").path("page").asInt()).isEqualTo(2_000_000);
    }
}
