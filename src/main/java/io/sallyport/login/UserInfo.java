package io.sallyport.login;

import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads claims from the userinfo endpoint (OpenID Connect Core §5.3). By the standard, claims requested by scopes are
 * returned there instead of in the ID token; Okta and PingOne do that, most others do not. If the endpoint does
 * not answer, the sign-in fails: with a group missing, an exclude rule might not match (FC-06).
 */
final class UserInfo {
    private static final TypeReference<Map<String, Object>> MEMBERS = new TypeReference<>() {};

    private final OutboundHttp http;
    private final JsonMapper json;

    UserInfo(OutboundHttp http, JsonMapper json) {
        this.http = http;
        this.json = json;
    }

    /** The claims of the ID token, completed from userinfo. The ID token's own claims take precedence. */
    Claims complete(OpenIdConnect provider, Claims claims, String accessToken) throws ProviderFailure {
        URI address = provider.userInfo();
        if (address == null || isComplete(provider, claims)) {
            return claims;
        }
        Map<String, Object> told = ask(address, accessToken);
        if (!claims.text("sub").equals(new Claims(told).text("sub"))) {
            // OI-06: the subject must be the same in both.
            throw new ProviderFailure("id_token_invalid", "The provider's answer could not be verified.");
        }
        Map<String, Object> all = new LinkedHashMap<>(told);
        if (claims.all().containsKey("email")) {
            all.remove("email_verified"); // it speaks of the address beside it
        }
        all.putAll(claims.all());
        return new Claims(all);
    }

    private static boolean isComplete(OpenIdConnect provider, Claims claims) {
        return claims.text("email").isPresent()
                && !claims.groups().isEmpty()
                && claims.all().keySet().containsAll(provider.claims());
    }

    private Map<String, Object> ask(URI address, String accessToken) throws ProviderFailure {
        HttpHeaders headers = new HttpHeaders();
        headers.setBearerAuth(accessToken);
        headers.set(HttpHeaders.ACCEPT, "application/json");
        try {
            OutboundExchange.Answer answer = http.get(address, headers);
            if (answer.status() != 200) {
                throw new ProviderFailure(
                        "provider_error", "The provider did not say who you are (" + answer.status() + ").");
            }
            JsonNode told = json.readTree(answer.body());
            if (!told.isObject()) {
                throw new ProviderFailure("provider_error", "The provider did not say who you are.");
            }
            return json.convertValue(told, MEMBERS);
        } catch (IOException | JacksonException failed) {
            throw new ProviderFailure("provider_unreachable", "The provider does not answer just now.", failed);
        }
    }
}
