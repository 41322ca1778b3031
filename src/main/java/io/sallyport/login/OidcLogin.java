package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.IdpRef;
import io.sallyport.session.ProviderSession;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import io.sallyport.token.IdTokenVerifier;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * OpenID Connect (Core §3.1) with one provider: the authorization request, the code, the ID token. The ID token says who it is;
 * the access token at most asks {@link UserInfo} or a directory for the rest and is not kept.
 */
final class OidcLogin {
    private static final Logger LOG = LoggerFactory.getLogger(OidcLogin.class);
    private static final List<String> DEFAULT_SCOPES = List.of("openid", "email", "profile");

    private final OAuthClient oauth;
    private final Discovery discovery;
    private final KeySets keys;
    private final UserInfo userInfo;
    private final DirectoryGroups groups;

    OidcLogin(OAuthClient oauth, Discovery discovery, KeySets keys, UserInfo userInfo, DirectoryGroups groups) {
        this.oauth = oauth;
        this.discovery = discovery;
        this.keys = keys;
        this.userInfo = userInfo;
        this.groups = groups;
    }

    /** Where the browser is sent. */
    String authorizationUrl(
            OpenIdConnect provider, PendingLogin pending, String state, String callback, boolean fresh, Instant now)
            throws ProviderFailure {
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("nonce", pending.nonce());
        String prompt = fresh ? "login" : provider.prompt();
        if (prompt != null) {
            more.put("prompt", prompt);
        }
        if (provider.appsDomain() != null) {
            more.put("hd", provider.appsDomain());
        }
        return OAuthClient.authorizationUrl(
                client(provider, discovery.of(provider, now), callback), pending, state, more);
    }

    /** Redeems the code and reads the ID token. */
    ProvenIdentity finish(OpenIdConnect provider, PendingLogin pending, Visit visit, String callback)
            throws ProviderFailure {
        Discovery.Endpoints endpoints = discovery.of(provider, visit.now());
        Optional<String> namedIssuer = visit.query("iss");
        refuseMixUp(endpoints, namedIssuer);
        OAuth2AccessTokenResponse tokens =
                oauth.redeem(client(provider, endpoints, callback), pending, OAuthClient.code(visit));
        if (!(tokens.getAdditionalParameters().get("id_token") instanceof String idToken)) {
            throw new ProviderFailure(
                    "id_token_missing", "The provider sent no ID token: it may not know of the scope openid.");
        }
        Map<String, Object> claims = verified(provider, endpoints, idToken, pending.nonce(), visit);
        if (namedIssuer.isPresent() && !namedIssuer.get().equals(claims.get("iss"))) {
            throw mixedUp();
        }
        String accessToken = tokens.getAccessToken().getTokenValue();
        return identity(provider, userInfo.complete(provider, new Claims(claims), accessToken), accessToken);
    }

    /** Refuses a response that names another issuer than the state's provider (OI-03, RFC 9207). */
    private static void refuseMixUp(Discovery.Endpoints endpoints, Optional<String> namedIssuer)
            throws ProviderFailure {
        boolean missing = endpoints.namesItself() && namedIssuer.isEmpty();
        boolean other = endpoints.issuer() != null
                && namedIssuer.isPresent()
                && !namedIssuer.get().equals(endpoints.issuer());
        if (missing || other) {
            throw mixedUp();
        }
    }

    private static ProviderFailure mixedUp() {
        return new ProviderFailure("wrong_issuer", "The answer came from another provider than the one you chose.");
    }

    private Map<String, Object> verified(
            OpenIdConnect provider, Discovery.Endpoints endpoints, String idToken, String nonce, Visit visit)
            throws ProviderFailure {
        IdTokenVerifier.Expected expected =
                new IdTokenVerifier.Expected(endpoints.issuer(), provider.clientId(), nonce);
        String keySet = keys.current(endpoints.certsUrl(), visit.now());
        IdTokenVerifier.Result result = IdTokenVerifier.verify(keySet, idToken, expected, visit.now());
        if (result instanceof IdTokenVerifier.Result.UnknownKey) {
            Optional<String> newer = keys.newer(endpoints.certsUrl(), visit.now());
            if (newer.isPresent()) {
                result = IdTokenVerifier.verify(newer.get(), idToken, expected, visit.now());
            }
        }
        return switch (result) {
            case IdTokenVerifier.Result.Verified(Map<String, Object> claims) -> claims;
            case IdTokenVerifier.Result.UnknownKey _ -> throw invalidToken(visit, "unknown key");
            case IdTokenVerifier.Result.Rejected rejected ->
                throw invalidToken(visit, rejected.problem().name().toLowerCase(Locale.ROOT));
        };
    }

    /** The failed check is logged and not shown to the visitor. */
    private static ProviderFailure invalidToken(Visit visit, String reason) {
        LOG.warn(
                "ID token refused: {} (ray {})",
                Callback.shorten(reason),
                visit.context().ray());
        return new ProviderFailure("id_token_invalid", "The provider's answer could not be verified.");
    }

    private ProvenIdentity identity(OpenIdConnect provider, Claims claims, String accessToken) throws ProviderFailure {
        if (provider.appsDomain() != null
                && !provider.appsDomain().equalsIgnoreCase(claims.text("hd").orElse(""))) {
            throw new ProviderFailure("wrong_domain", "Use your " + provider.appsDomain() + " account.");
        }
        if (!claims.vouchesForEmail(provider)) {
            throw claims.verified(provider).isPresent()
                    ? new ProviderFailure(
                            "email_not_verified",
                            "The provider has not verified your email address. Verify it there first.")
                    : new ProviderFailure(
                            "email_verified_missing",
                            "The provider does not say whether your email address is verified. Where every address in it can be"
                                    + " trusted, your administrator sets email_claim_name.");
        }
        Email email = claims.email(provider)
                .orElseThrow(() -> new ProviderFailure(
                        "email_missing", "The provider did not tell your email address. Ask your administrator."));
        URI directory = provider.directory();
        return new ProvenIdentity(
                email,
                claims.text("name").orElse(null),
                new IdpRef(provider.id(), provider.type()),
                provider.name(),
                directory == null ? claims.groups() : groups.of(provider, directory, claims, email, accessToken),
                claims.texts("amr"),
                claims.only(provider.claims()),
                claims.text("sub")
                        .map(subject ->
                                new ProviderSession(subject, claims.text("sid").orElse(null)))
                        .orElse(null));
    }

    static ClientRegistration client(OpenIdConnect provider, Discovery.Endpoints endpoints, String callback) {
        return OAuthClient.registration(
                        provider.id(), provider.clientId(), provider.clientSecret(), provider.pkce(), callback)
                .clientAuthenticationMethod(
                        endpoints.postsSecret()
                                ? ClientAuthenticationMethod.CLIENT_SECRET_POST
                                : ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                .scope(
                        provider.scopes().isEmpty()
                                ? DEFAULT_SCOPES
                                : OAuthClient.scopes(List.of("openid"), provider.scopes()))
                .authorizationUri(endpoints.authUrl().toString())
                .tokenUri(endpoints.tokenUrl().toString())
                .jwkSetUri(endpoints.certsUrl().toString())
                .build();
    }
}
