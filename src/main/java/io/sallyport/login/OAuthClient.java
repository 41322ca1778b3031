package io.sallyport.login;

import io.sallyport.identity.IdpId;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.core.http.converter.OAuth2ErrorHttpMessageConverter;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636) on Spring Security's OAuth 2.0 client: a registration is built
 * from the snapshot for every login, so a provider that was added a second ago works.
 */
final class OAuthClient {
    /** The person or the provider declined (RFC 6749 §4.1.2.1). */
    private static final String DECLINED = "access_denied";
    /** Spring Security's error code for an unreadable response of a token endpoint. */
    private static final String UNREADABLE = "invalid_token_response";

    private final RestClientAuthorizationCodeTokenResponseClient tokens =
            new RestClientAuthorizationCodeTokenResponseClient();

    OAuthClient(OutboundHttp http) {
        tokens.setRestClient(RestClient.builder()
                .requestFactory(http)
                .configureMessageConverters(converters -> converters
                        .addCustomConverter(new FormHttpMessageConverter())
                        .addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
                .defaultStatusHandler(HttpStatusCode::isError, OAuthClient::refuse)
                .build());
    }

    /**
     * Reads the OAuth error of a response with any error status: a wrong secret is 401 (RFC 6749 §5.2), and some
     * providers answer 403.
     */
    private static void refuse(HttpRequest request, ClientHttpResponse response) throws IOException {
        OAuth2Error error;
        try {
            error = new OAuth2ErrorHttpMessageConverter().read(OAuth2Error.class, response);
        } catch (HttpMessageNotReadableException noError) {
            throw new OAuth2AuthorizationException(new OAuth2Error(UNREADABLE), noError);
        }
        throw new OAuth2AuthorizationException(error);
    }

    /**
     * What the registrations of all kinds of provider have in common; the secret is sent in the form, unless the caller
     * changes that.
     */
    static ClientRegistration.Builder registration(
            IdpId provider, String clientId, IdentityProvider.Secret secret, boolean pkce, String callback) {
        return ClientRegistration.withRegistrationId(provider.toString())
                .clientId(clientId)
                .clientSecret(secret.value())
                .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .clientSettings(ClientRegistration.ClientSettings.builder()
                        .requireProofKey(pkce)
                        .build())
                .redirectUri(callback);
    }

    /** Where the browser is sent. */
    static String authorizationUrl(
            ClientRegistration client, PendingLogin pending, String state, Map<String, Object> more) {
        return request(client, pending, state, more).getAuthorizationRequestUri();
    }

    /** The authorization code of the callback. */
    static String code(Visit visit) throws ProviderFailure {
        String error = visit.query("error").orElse("");
        if (!error.isEmpty()) {
            throw answered(error, visit.query("error_description").orElse(""));
        }
        return visit.query("code")
                .orElseThrow(() -> new ProviderFailure("provider_error", "The provider sent no code."));
    }

    private static ProviderFailure answered(String error, String description) {
        String words = error + (description.isBlank() ? "" : ": " + description);
        return error.equals(DECLINED)
                ? new ProviderFailure(
                        "sign_in_declined",
                        "You did not go through with it there, or the provider does not let you: " + ended(words))
                : new ProviderFailure("provider_error", "The provider answered: " + ended(words));
    }

    /** The text as a sentence with a full stop, because more text follows. */
    private static String ended(String words) {
        String line = Callback.shorten(words);
        return line.endsWith(".") || line.endsWith("…") ? line : line + ".";
    }

    /** Redeems a code at the token endpoint of this registration. */
    OAuth2AccessTokenResponse redeem(ClientRegistration client, PendingLogin pending, String code)
            throws ProviderFailure {
        OAuth2AuthorizationRequest request = request(client, pending, pending.id(), Map.of());
        OAuth2AuthorizationResponse response = OAuth2AuthorizationResponse.success(code)
                .redirectUri(Objects.requireNonNull(client.getRedirectUri()))
                .state(pending.id())
                .build();
        try {
            return tokens.getTokenResponse(new OAuth2AuthorizationCodeGrantRequest(
                    client, new OAuth2AuthorizationExchange(request, response)));
        } catch (OAuth2AuthorizationException refused) {
            throw refusal(refused);
        } catch (ResourceAccessException failed) {
            throw unreachable(failed);
        } catch (RestClientException broken) {
            throw new ProviderFailure("token_refused", "The provider's answer could not be read.", broken);
        }
    }

    private static ProviderFailure refusal(OAuth2AuthorizationException refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return unreachable(refused);
            }
        }
        if (refused.getError().getErrorCode().equals(UNREADABLE)) {
            return new ProviderFailure("token_refused", "The provider's answer could not be read.", refused);
        }
        // Only the error code: error descriptions of token endpoints are written for developers and may quote the
        // request.
        return new ProviderFailure(
                "token_refused",
                "The provider did not accept the sign-in (" + refused.getError().getErrorCode() + ").",
                refused);
    }

    private static ProviderFailure unreachable(Exception cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof OutboundExchange.TooLarge) {
                return new ProviderFailure("answer_too_large", "The provider's answer is larger than 256 KiB.", cause);
            }
        }
        return new ProviderFailure("provider_unreachable", "The provider does not answer just now.", cause);
    }

    private static OAuth2AuthorizationRequest request(
            ClientRegistration client, PendingLogin pending, String state, Map<String, Object> more) {
        Map<String, Object> parameters = new LinkedHashMap<>(more);
        Map<String, Object> attributes = new LinkedHashMap<>();
        if (client.getClientSettings().isRequireProofKey()) {
            parameters.put(PkceParameterNames.CODE_CHALLENGE, Seals.hash(pending.verifier()));
            parameters.put(PkceParameterNames.CODE_CHALLENGE_METHOD, "S256");
            attributes.put(PkceParameterNames.CODE_VERIFIER, pending.verifier());
        }
        return OAuth2AuthorizationRequest.authorizationCode()
                .authorizationUri(
                        Objects.requireNonNull(client.getProviderDetails().getAuthorizationUri()))
                .clientId(client.getClientId())
                .redirectUri(client.getRedirectUri())
                .scopes(new LinkedHashSet<>(client.getScopes()))
                .state(state)
                .additionalParameters(parameters)
                .attributes(all -> all.putAll(attributes))
                .build();
    }

    /** Scopes as one list without repeats. */
    static List<String> scopes(List<String> first, List<String> more) {
        LinkedHashSet<String> all = new LinkedHashSet<>(first);
        all.addAll(more);
        return List.copyOf(all);
    }
}
