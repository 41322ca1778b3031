package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.IdpRef;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.OAuthProfile;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * OAuth 2.0 with one call for the person's profile: Facebook, LinkedIn and Yandex. The
 * access token is used for that call and not kept.
 */
final class ProfileLogin {
    private final OAuthClient oauth;
    private final OutboundHttp http;
    private final JsonMapper json;

    ProfileLogin(OAuthClient oauth, OutboundHttp http, JsonMapper json) {
        this.oauth = oauth;
        this.http = http;
        this.json = json;
    }

    /** Where the browser is sent. */
    String authorizationUrl(OAuthProfile provider, PendingLogin pending, String state, String callback) {
        return OAuthClient.authorizationUrl(client(provider, callback), pending, state, Map.of());
    }

    /** Redeems the code and asks the provider who it is. */
    ProvenIdentity finish(OAuthProfile provider, PendingLogin pending, Visit visit, String callback)
            throws ProviderFailure {
        String token = oauth.redeem(client(provider, callback), pending, OAuthClient.code(visit))
                .getAccessToken()
                .getTokenValue();
        JsonNode profile = profile(provider, token);
        JsonNode verified = profile.path("email_verified");
        if (verified.isMissingNode()
                ? !provider.trustedForEmail()
                : !verified.asString("").equals("true")) {
            throw new ProviderFailure(
                    "email_not_verified", "The provider has not verified your email address. Verify it there first.");
        }
        Email email = Email.parse(profile.path(provider.emailMember()).asString(""))
                .orElseThrow(() -> new ProviderFailure(
                        "email_missing", "The provider did not tell your email address. Allow it to, and try again."));
        String name = profile.path(provider.nameMember()).asString("");
        return new ProvenIdentity(
                email,
                name.isBlank() ? null : name,
                new IdpRef(provider.id(), provider.type()),
                provider.name(),
                List.of(),
                List.of(),
                Map.of());
    }

    private JsonNode profile(OAuthProfile provider, String token) throws ProviderFailure {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.AUTHORIZATION, provider.scheme() + " " + token);
        headers.set(HttpHeaders.ACCEPT, "application/json");
        try {
            OutboundExchange.Answer answer = http.get(provider.profileUrl(), headers);
            if (answer.status() != 200) {
                throw new ProviderFailure(
                        "provider_error", "The provider did not say who you are (" + answer.status() + ").");
            }
            return json.readTree(answer.body());
        } catch (IOException | JacksonException failed) {
            throw new ProviderFailure("provider_unreachable", "The provider does not answer just now.", failed);
        }
    }

    static ClientRegistration client(OAuthProfile provider, String callback) {
        return OAuthClient.registration(
                        provider.id(), provider.clientId(), provider.clientSecret(), provider.pkce(), callback)
                .scope(provider.scopes())
                .authorizationUri(provider.authUrl().toString())
                .tokenUri(provider.tokenUrl().toString())
                .build();
    }
}
