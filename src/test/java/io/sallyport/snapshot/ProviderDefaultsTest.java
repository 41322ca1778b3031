package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.snapshot.IdentityProvider.GitHub;
import io.sallyport.snapshot.IdentityProvider.OAuthProfile;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import io.sallyport.token.KeyWrapper;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Where each preset goes by itself. Every address stands in the vendor's public documentation, named beside it; read in November 2026. */
class ProviderDefaultsTest {
    private static final ProviderCompiler COMPILER = new ProviderCompiler(new KeyWrapper() {
        @Override
        public byte[] wrap(String record, byte[] secret) {
            return secret;
        }

        @Override
        public byte[] unwrap(String record, byte[] wrapped) {
            return wrapped;
        }
    });

    private static IdentityProvider of(String type, String config) {
        return COMPILER.compile(
                new Rows.Provider(
                        UUID.randomUUID(), "P", type, "{\"config\":{\"client_id\":\"c\"%s}}".formatted(config), null),
                List.of());
    }

    private static void goes(
            String type, String config, String issuer, String authorize, String token, String keys, String directory) {
        assertThat(of(type, config)).isInstanceOfSatisfying(OpenIdConnect.class, provider -> {
            assertThat(provider.issuer()).isEqualTo(issuer);
            assertThat(provider.authUrl()).isEqualTo(URI.create(authorize));
            assertThat(provider.tokenUrl()).isEqualTo(URI.create(token));
            assertThat(provider.certsUrl()).isEqualTo(URI.create(keys));
            assertThat(Objects.toString(provider.directory(), null)).isEqualTo(directory);
        });
    }

    private static String userInfo(String type, String config) {
        return of(type, config) instanceof OpenIdConnect provider ? Objects.toString(provider.userInfo(), null) : null;
    }

    /** OpenID Connect Core §5.4; which vendors keep to it, {@link ProviderPreset} says. */
    @Test
    void whatTheIdTokenLacksIsAskedForBesideTheTokenEndpoint() {
        assertThat(userInfo("okta", ",\"okta_account\":\"acme.okta.com\""))
                .isEqualTo("https://acme.okta.com/oauth2/v1/userinfo");
        assertThat(userInfo("okta", ",\"okta_account\":\"acme.okta.com\",\"authorization_server_id\":\"default\""))
                .isEqualTo("https://acme.okta.com/oauth2/default/v1/userinfo");
        assertThat(userInfo("pingone", ",\"ping_env_id\":\"e1\"")).isEqualTo("https://auth.pingone.com/e1/as/userinfo");
        assertThat(userInfo("pingone", ",\"ping_env_id\":\"e1\",\"token_url\":\"https://auth.pingone.eu/e1/as/token\""))
                .isEqualTo("https://auth.pingone.eu/e1/as/userinfo");
        assertThat(userInfo("google", "")).isNull();
    }

    private static void asks(String type, String authorize, String token, String profile, String scheme) {
        assertThat(of(type, "")).isInstanceOfSatisfying(OAuthProfile.class, provider -> {
            assertThat(provider.authUrl()).isEqualTo(URI.create(authorize));
            assertThat(provider.tokenUrl()).isEqualTo(URI.create(token));
            assertThat(provider.profileUrl()).isEqualTo(URI.create(profile));
            assertThat(provider.scheme()).isEqualTo(scheme);
        });
    }

    /** The discovery document accounts.google.com/.well-known/openid-configuration; Workspace: the Directory API's manage-groups guide. */
    @Test
    void google() {
        goes(
                "google",
                "",
                "https://accounts.google.com",
                "https://accounts.google.com/o/oauth2/v2/auth",
                "https://oauth2.googleapis.com/token",
                "https://www.googleapis.com/oauth2/v3/certs",
                null);
        goes(
                "google-apps",
                ",\"apps_domain\":\"example.com\"",
                "https://accounts.google.com",
                "https://accounts.google.com/o/oauth2/v2/auth",
                "https://oauth2.googleapis.com/token",
                "https://www.googleapis.com/oauth2/v3/certs",
                "https://cloudidentity.googleapis.com/v1/groups/-/memberships");
    }

    /** developer.okta.com, "Org Authorization Server" (issuer is the org's own address) and "Custom Authorization Servers". */
    @Test
    void okta() {
        goes(
                "okta",
                ",\"okta_account\":\"https://acme.okta.com/\"",
                "https://acme.okta.com",
                "https://acme.okta.com/oauth2/v1/authorize",
                "https://acme.okta.com/oauth2/v1/token",
                "https://acme.okta.com/oauth2/v1/keys",
                null);
        goes(
                "okta",
                ",\"okta_account\":\"acme.okta.com\",\"authorization_server_id\":\"default\"",
                "https://acme.okta.com/oauth2/default",
                "https://acme.okta.com/oauth2/default/v1/authorize",
                "https://acme.okta.com/oauth2/default/v1/token",
                "https://acme.okta.com/oauth2/default/v1/keys",
                null);
    }

    /**
     * The discovery document login.microsoftonline.com/TENANT/v2.0/.well-known/openid-configuration; groups: Microsoft Graph, "List a
     * user's memberships (direct and transitive)", whose casts need ConsistencyLevel eventual and which pages by at most 999.
     */
    @Test
    void entra() {
        String tenant = "5d8f2a3c-0f4e-4b0a-9d53-6a5f2b1c7e90";
        goes(
                "azureAD",
                ",\"directory_id\":\"%s\",\"support_groups\":true".formatted(tenant),
                "https://login.microsoftonline.com/" + tenant + "/v2.0",
                "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/authorize",
                "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token",
                "https://login.microsoftonline.com/" + tenant + "/discovery/v2.0/keys",
                "https://graph.microsoft.com/v1.0/me/transitiveMemberOf?$select=id,displayName&$top=500");
    }

    /** The discovery document SUBDOMAIN.onelogin.com/oidc/2/.well-known/openid-configuration. */
    @Test
    void oneLogin() {
        goes(
                "onelogin",
                ",\"onelogin_account\":\"https://acme.onelogin.com\"",
                "https://acme.onelogin.com/oidc/2",
                "https://acme.onelogin.com/oidc/2/auth",
                "https://acme.onelogin.com/oidc/2/token",
                "https://acme.onelogin.com/oidc/2/certs",
                null);
    }

    /** developer.pingidentity.com, "Discovery OpenID Configuration"; North America, other regions by {@code auth_url} and the like. */
    @Test
    void pingOne() {
        goes(
                "pingone",
                ",\"ping_env_id\":\"e1\"",
                "https://auth.pingone.com/e1/as",
                "https://auth.pingone.com/e1/as/authorize",
                "https://auth.pingone.com/e1/as/token",
                "https://auth.pingone.com/e1/as/jwks",
                null);
    }

    /** Grafana's guide to Centrify has the paths; the issuer, reported as ACCOUNT/APP/, no document of the vendor confirms: not pinned. */
    @Test
    void centrify() {
        goes(
                "centrify",
                ",\"centrify_account\":\"https://abc123.my.centrify.com/\",\"centrify_app_id\":\"app\"",
                null,
                "https://abc123.my.centrify.com/OAuth2/Authorize/app",
                "https://abc123.my.centrify.com/OAuth2/Token/app",
                "https://abc123.my.centrify.com/OAuth2/Keys/app",
                null);
    }

    /** docs.github.com, "Authorizing OAuth apps". */
    @Test
    void gitHub() {
        assertThat(of("github", "")).isInstanceOfSatisfying(GitHub.class, provider -> {
            assertThat(provider.authUrl()).isEqualTo(URI.create("https://github.com/login/oauth/authorize"));
            assertThat(provider.tokenUrl()).isEqualTo(URI.create("https://github.com/login/oauth/access_token"));
            assertThat(provider.apiUrl()).isEqualTo(URI.create("https://api.github.com"));
        });
    }

    /** developers.facebook.com, "Graph API": the newest version is 26.0; each lives two years at least. */
    @Test
    void facebook() {
        asks(
                "facebook",
                "https://www.facebook.com/v26.0/dialog/oauth",
                "https://graph.facebook.com/v26.0/oauth/access_token",
                "https://graph.facebook.com/v26.0/me?fields=id,name,email",
                "Bearer");
    }

    /** learn.microsoft.com, "Sign In with LinkedIn using OpenID Connect". */
    @Test
    void linkedIn() {
        asks(
                "linkedin",
                "https://www.linkedin.com/oauth/v2/authorization",
                "https://www.linkedin.com/oauth/v2/accessToken",
                "https://api.linkedin.com/v2/userinfo",
                "Bearer");
    }

    /** yandex.com/dev/id, "Confirmation code request", and yandex.ru/dev/id, the request for information about the user. */
    @Test
    void yandex() {
        asks(
                "yandex",
                "https://oauth.yandex.com/authorize",
                "https://oauth.yandex.com/token",
                "https://login.yandex.ru/info?format=json",
                "OAuth");
    }
}
