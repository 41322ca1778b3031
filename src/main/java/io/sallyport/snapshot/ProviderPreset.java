package io.sallyport.snapshot;

import io.sallyport.identity.IdpId;
import io.sallyport.snapshot.IdentityProvider.GitHub;
import io.sallyport.snapshot.IdentityProvider.OAuthProfile;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import io.sallyport.snapshot.IdentityProvider.Secret;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Translates each kind of provider into its protocol, with the vendor's addresses, scopes and peculiarities. Issuers are pinned
 * where the vendor has one per tenant (OI-04).
 *
 * @param type as the API spells the kind
 * @param secrets the decrypted secrets
 */
record ProviderPreset(IdpId id, String name, String type, Json config, Json secrets) {
    /** Microsoft's tenant names that stand for accounts of many directories. */
    private static final Set<String> MANY_TENANTS = Set.of("common", "organizations", "consumers");

    /**
     * Directories in which a company's administrators write the addresses, and whose ID tokens need not say {@code email_verified}. As
     * their documentation has it:
     *
     * <ul>
     *   <li>Okta says it at the userinfo endpoint only, in the code flow, and asks nobody to rely on it
     *       (support.okta.com, "How to Return the email_verified Claim").
     *   <li>Entra knows no such claim; an administrator may add {@code xms_edov} instead, which login.Claims heeds
     *       (learn.microsoft.com, identity-platform/optional-claims-reference).
     *   <li>OneLogin's list of supported claims and its sample token have the address without it
     *       (developers.onelogin.com, openid-connect/api/provider-config and openid-connect/scopes).
     *   <li>PingOne tells what an administrator mapped, whatever the scopes are
     *       (developer.pingidentity.com, pingone-api/platform/applications/application-attribute-mapping).
     * </ul>
     *
     * <p>The others say it and are held to it: Google (developers.google.com, identity/openid-connect), CyberArk, which Centrify has
     * become (identity-developer.cyberark.com, docs/claims: a standard claim, as text), and whoever else speaks OpenID Connect (Core
     * §5.1).
     */
    private static final Set<String> OF_ONE_COMPANY = Set.of("okta", "azureAD", "onelogin", "pingone");

    /**
     * Vendors that must not be sent PKCE. LinkedIn offers it to native applications by arrangement
     * (learn.microsoft.com, linkedin/shared/authentication/authorization-code-flow-native). Facebook's dialog forgets
     * the challenge of whoever does not ask for {@code openid}, which is "still in testing", and its token endpoint
     * then refuses the verifier (developers.facebook.com, facebook-login/guides/advanced/oidc-token;
     * github.com/NangoHQ/nango/pull/7156). Yandex takes it (yandex.com/dev/id, codes/code-url).
     */
    private static final Set<String> WITHOUT_PKCE = Set.of("linkedin", "facebook");

    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    IdentityProvider generic() {
        List<String> scopes = config.texts("scopes");
        return openIdConnect(
                config.text("issuer"),
                config.parsed("auth_url", URI::create),
                config.parsed("token_url", URI::create),
                config.parsed("certs_url", URI::create),
                scopes.isEmpty() ? ProviderScopes.USUAL : scopes,
                config.flag("pkce_enabled", false));
    }

    IdentityProvider google() {
        boolean workspace = type.equals("google-apps");
        return openIdConnect(
                "https://accounts.google.com",
                URI.create("https://accounts.google.com/o/oauth2/v2/auth"),
                URI.create("https://oauth2.googleapis.com/token"),
                URI.create("https://www.googleapis.com/oauth2/v3/certs"),
                ProviderScopes.of(type),
                true,
                false,
                workspace ? "https://cloudidentity.googleapis.com/v1/groups/-/memberships" : null);
    }

    /**
     * Beside an access token Okta's ID tokens are "thin": groups and most of the profile stand at the userinfo endpoint alone
     * (developer.okta.com, guides/customize-tokens-groups-claim; support.okta.com, "Okta Groups or Attribute Missing from Id Token").
     * A groups claim holds a hundred; who has an API token of Okta's is told all of them at its Users API.
     */
    IdentityProvider okta() {
        String server = config.text("authorization_server_id");
        String account = account("okta_account");
        String issuer = server == null ? account : account + "/oauth2/" + server;
        String endpoints = (server == null ? account + "/oauth2" : issuer) + "/v1/";
        return openIdConnect(
                issuer,
                uri(endpoints + "authorize"),
                uri(endpoints + "token"),
                uri(endpoints + "keys"),
                ProviderScopes.of(type),
                true,
                true,
                secrets.text("api_token") == null ? null : account + "/api/v1/users");
    }

    IdentityProvider entra() {
        String directory = config.requiredText("directory_id");
        if (MANY_TENANTS.contains(directory.toLowerCase(Locale.ROOT))) {
            // Anybody can create a tenant and assign any address in it.
            throw config.unreadable("directory_id must be one directory, not " + directory);
        }
        boolean groups = config.flag("support_groups", false);
        String base = "https://login.microsoftonline.com/" + directory;
        return openIdConnect(
                // Tokens contain the tenant's UUID, even when the endpoints were called by its name.
                UUID_TEXT.matcher(directory).matches() ? base + "/v2.0" : null,
                uri(base + "/oauth2/v2.0/authorize"),
                uri(base + "/oauth2/v2.0/token"),
                uri(base + "/discovery/v2.0/keys"),
                groups ? ProviderScopes.withGroups(type) : ProviderScopes.of(type),
                true,
                false,
                groups
                        // Not cast to groups: a cast is answered from an index that
                        // lags behind (ConsistencyLevel eventual).
                        ? "https://graph.microsoft.com/v1.0/me/transitiveMemberOf?$select=id,displayName&$top=500"
                        : null);
    }

    IdentityProvider oneLogin() {
        String issuer = account("onelogin_account") + "/oidc/2";
        return openIdConnect(
                issuer,
                uri(issuer + "/auth"),
                uri(issuer + "/token"),
                uri(issuer + "/certs"),
                ProviderScopes.of(type),
                true);
    }

    /** Claims of scopes may stand at the userinfo endpoint (developer.pingidentity.com, pingone-api, "OpenID Connect scopes"). */
    IdentityProvider pingOne() {
        String issuer = "https://auth.pingone.com/" + config.requiredText("ping_env_id") + "/as";
        return openIdConnect(
                issuer,
                uri(issuer + "/authorize"),
                uri(issuer + "/token"),
                uri(issuer + "/jwks"),
                ProviderScopes.of(type),
                true,
                true,
                null);
    }

    IdentityProvider centrify() {
        String account = account("centrify_account");
        String app = config.requiredText("centrify_app_id");
        return openIdConnect(
                null,
                uri(account + "/OAuth2/Authorize/" + app),
                uri(account + "/OAuth2/Token/" + app),
                uri(account + "/OAuth2/Keys/" + app),
                ProviderScopes.of(type),
                true);
    }

    /** The three addresses may be given for a GitHub Enterprise Server. */
    IdentityProvider gitHub() {
        return new GitHub(
                id,
                name,
                config.requiredText("client_id"),
                clientSecret(),
                or(config.parsed("auth_url", URI::create), "https://github.com/login/oauth/authorize"),
                or(config.parsed("token_url", URI::create), "https://github.com/login/oauth/access_token"),
                or(config.parsed("api_url", URI::create), "https://api.github.com"));
    }

    IdentityProvider facebook() {
        return profile(
                "https://www.facebook.com/v26.0/dialog/oauth",
                "https://graph.facebook.com/v26.0/oauth/access_token",
                "https://graph.facebook.com/v26.0/me?fields=id,name,email",
                ProviderScopes.of(type),
                "Bearer",
                "email",
                "name");
    }

    IdentityProvider linkedIn() {
        return profile(
                "https://www.linkedin.com/oauth/v2/authorization",
                "https://www.linkedin.com/oauth/v2/accessToken",
                "https://api.linkedin.com/v2/userinfo",
                ProviderScopes.of(type),
                "Bearer",
                "email",
                "name");
    }

    IdentityProvider yandex() {
        return profile(
                "https://oauth.yandex.com/authorize",
                "https://oauth.yandex.com/token",
                "https://login.yandex.ru/info?format=json",
                ProviderScopes.of(type),
                "OAuth",
                "default_email",
                "real_name");
    }

    private IdentityProvider profile(
            String authUrl,
            String tokenUrl,
            String profileUrl,
            List<String> scopes,
            String scheme,
            String emailMember,
            String nameMember) {
        return new OAuthProfile(
                id,
                name,
                type,
                config.requiredText("client_id"),
                clientSecret(),
                or(config.parsed("auth_url", URI::create), authUrl),
                or(config.parsed("token_url", URI::create), tokenUrl),
                or(config.parsed("api_url", URI::create), profileUrl),
                scopes,
                !WITHOUT_PKCE.contains(type),
                scheme,
                emailMember,
                !type.equals("linkedin"), // whose profile says it; the others' has no word for it
                nameMember);
    }

    private IdentityProvider openIdConnect(
            @Nullable String issuer,
            @Nullable URI authUrl,
            @Nullable URI tokenUrl,
            @Nullable URI certsUrl,
            List<String> scopes,
            boolean pkce) {
        return openIdConnect(issuer, authUrl, tokenUrl, certsUrl, scopes, pkce, false, null);
    }

    /**
     * URLs in the entry take precedence over the preset's: national clouds and proxies have others.
     *
     * @param userInfo whether the ID token may lack something that the userinfo endpoint, which lies beside the token
     *     endpoint, tells
     */
    private IdentityProvider openIdConnect(
            @Nullable String issuer,
            @Nullable URI authUrl,
            @Nullable URI tokenUrl,
            @Nullable URI certsUrl,
            List<String> scopes,
            boolean pkce,
            boolean userInfo,
            @Nullable String directory) {
        URI elsewhere = config.parsed("api_url", URI::create);
        if (issuer == null && (authUrl == null || tokenUrl == null || certsUrl == null)) {
            throw config.unreadable("needs auth_url, token_url and certs_url, or an issuer to discover them from");
        }
        URI token = given("token_url", tokenUrl);
        return new OpenIdConnect(
                id,
                name,
                type,
                config.requiredText("client_id"),
                clientSecret(),
                config.text("issuer") == null ? issuer : config.text("issuer"),
                given("auth_url", authUrl),
                token,
                given("certs_url", certsUrl),
                List.copyOf(scopes),
                List.copyOf(config.texts("claims")),
                config.text("email_claim_name"),
                OF_ONE_COMPANY.contains(type),
                pkce,
                config.text("prompt"),
                config.text("apps_domain"),
                !userInfo || token == null ? null : elsewhere == null ? token.resolve("userinfo") : elsewhere,
                directory == null ? null : elsewhere == null ? uri(directory) : elsewhere,
                directoryToken());
    }

    private @Nullable Secret directoryToken() {
        String token = type.equals("okta") ? secrets.text("api_token") : null;
        return token == null ? null : new Secret(token);
    }

    private @Nullable URI given(String member, @Nullable URI usual) {
        URI written = config.parsed(member, URI::create);
        return written == null ? usual : written;
    }

    private Secret clientSecret() {
        String secret = secrets.text("client_secret");
        return new Secret(secret == null ? "" : secret);
    }

    /** An account as admins write it, {@code https://acme.okta.com/} or the host alone, without trailing slash. */
    private String account(String member) {
        String account = config.requiredText(member).replaceAll("/+$", "");
        return account.contains("://") ? account : "https://" + account;
    }

    private URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException bad) {
            throw config.unreadable("makes no valid address: " + text);
        }
    }

    private static URI or(@Nullable URI given, String usual) {
        return given == null ? URI.create(usual) : given;
    }
}
