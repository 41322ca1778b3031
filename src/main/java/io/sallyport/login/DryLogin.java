package io.sallyport.login;

import io.sallyport.doctor.Finding;
import io.sallyport.session.OutboundExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Examines a provider with the two requests of the authorization code grant (RFC 6749 §4.1), without a person: the
 * authorization endpoint shows whether client id and redirect URI are registered, and the token endpoint, asked with an
 * invalid code, whether the client secret is accepted.
 */
final class DryLogin {
    private static final String REDIRECT = "redirect_uri";
    private static final String SECRET = "client_secret";
    private static final String DIRECTORY = "directory";
    private static final Pattern ERROR = Pattern.compile("[?&#]error=([^&#]*)");
    private static final Pattern DESCRIPTION = Pattern.compile("[?&#]error_description=([^&#]*)");
    /**
     * Errors by which a provider answers a silent request when client and redirect URI are right (OpenID Connect Core
     * §3.1.2.6).
     */
    private static final Set<String> NEEDS_A_PERSON =
            Set.of("login_required", "interaction_required", "consent_required", "account_selection_required");
    /** Errors for a wrong client or secret: RFC 6749 §5.2, and GitHub's. */
    private static final Set<String> WRONG_CLIENT =
            Set.of("invalid_client", "unauthorized_client", "incorrect_client_credentials");
    /** Errors for an invalid code: RFC 6749 §5.2, GitHub's, and Entra ID's for a code of the wrong format. */
    private static final Set<String> WRONG_CODE = Set.of("invalid_grant", "bad_verification_code");
    /** Texts of error pages that are sent with status 200 or by a redirect: Entra ID, Google, Okta and Facebook. */
    private static final Pattern SAYS_REDIRECT = Pattern.compile(
            "AADSTS50011|redirect_uri_mismatch|invalid[ _+]redirect|redirect[ _]uri[^.<]{0,60}(invalid|match|allowed|whitelist)"
                    + "|invalid[^.<]{0,20}redirect_uri",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern SAYS_CLIENT = Pattern.compile(
            "AADSTS700016|invalid[ _]client|client[ _](id )?(was )?not found|unknown client|invalid app id",
            Pattern.CASE_INSENSITIVE);

    private final OutboundHttp http;
    private final JsonMapper json;
    private final Seals seals;

    DryLogin(OutboundHttp http, JsonMapper json, Seals seals) {
        this.http = http;
        this.json = json;
        this.seals = seals;
    }

    /** Our registration at a provider. */
    record Client(ClientRegistration registration) {
        String callback() {
            return Objects.requireNonNull(registration.getRedirectUri());
        }
    }

    /** @param directory where groups or the profile are read with a person's token; null when they are not */
    List<Finding> examine(Client client, @Nullable URI directory) {
        List<Finding> found = new ArrayList<>();
        found.add(authorization(client));
        found.add(secret(client));
        if (directory != null) {
            found.add(directory(directory));
        }
        return found;
    }

    private Finding authorization(Client client) {
        PendingLogin pending = new PendingLogin(
                seals.random(),
                client.registration().getRegistrationId(),
                seals.random(),
                seals.random(),
                new Destination("", "", "/", null, null),
                "",
                0);
        Map<String, Object> more = client.registration().getScopes().contains("openid")
                ? Map.of("nonce", pending.nonce(), "prompt", "none")
                : Map.of();
        URI url = URI.create(OAuthClient.authorizationUrl(client.registration(), pending, seals.random(), more));
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.ACCEPT, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1");
        headers.set(HttpHeaders.USER_AGENT, "Mozilla/5.0 (compatible; Sallyport doctor)");
        OutboundExchange.Answer answer;
        try {
            answer = http.get(url, headers);
        } catch (IOException unreachable) {
            return Finding.failed(
                    REDIRECT, unreachable(url.resolve(url.getRawPath()).toString(), unreachable));
        }
        String location = answer.headers().getFirst(HttpHeaders.LOCATION);
        return answer.status() / 100 == 3 && location != null
                ? redirected(client, location)
                : shown(client, answer.status(), new String(answer.body(), StandardCharsets.UTF_8));
    }

    private static Finding redirected(Client client, String location) {
        Matcher error = ERROR.matcher(location);
        String code = error.find() ? decoded(error.group(1)) : "";
        if (location.startsWith(client.callback())) {
            return code.isEmpty() || NEEDS_A_PERSON.contains(code)
                    ? Finding.ok(
                            REDIRECT,
                            "The provider knows the client and sends people back to " + client.callback() + ".")
                    : Finding.failed(
                            REDIRECT,
                            "The provider refuses sign-ins with \"%s\"; look at the client's scopes, grant types, PKCE and consent there."
                                    .formatted(Callback.shorten(code + described(location))));
        }
        String words = decoded(location);
        if (SAYS_REDIRECT.matcher(words).find()) {
            return redirectRefused(client);
        }
        if (SAYS_CLIENT.matcher(words).find()) {
            return clientUnknown(client);
        }
        return code.isEmpty() && !words.toLowerCase(Locale.ROOT).matches(".*/(oauth/)?error[/?].*")
                ? Finding.ok(REDIRECT, "The provider takes the request and goes on to its sign-in page.")
                : Finding.failed(
                        REDIRECT,
                        "The provider leads to an error page%s; see that %s is a redirect URI of client %s there."
                                .formatted(
                                        code.isEmpty() ? "" : " (" + Callback.shorten(code) + ")",
                                        client.callback(),
                                        client.registration().getClientId()));
    }

    private static String described(String location) {
        Matcher description = DESCRIPTION.matcher(location);
        return description.find() ? ": " + decoded(description.group(1)) : "";
    }

    private static Finding shown(Client client, int status, String page) {
        if (SAYS_REDIRECT.matcher(page).find()) {
            return redirectRefused(client);
        }
        if (SAYS_CLIENT.matcher(page).find()) {
            return clientUnknown(client);
        }
        if (status == 200) {
            return Finding.ok(REDIRECT, "The provider takes the request and shows a page to sign in on.");
        }
        return Finding.failed(
                REDIRECT,
                status >= 500
                        ? "The provider's authorization endpoint answered %d; its own log says why.".formatted(status)
                        : "The provider refuses the request with %d; see that client %s exists there and that %s is one of its redirect URIs."
                                .formatted(status, client.registration().getClientId(), client.callback()));
    }

    private static Finding redirectRefused(Client client) {
        return Finding.failed(
                REDIRECT,
                "The provider does not know the redirect URI; enter %s at client %s there, to the letter."
                        .formatted(client.callback(), client.registration().getClientId()));
    }

    private static Finding clientUnknown(Client client) {
        return Finding.failed(
                REDIRECT,
                "The provider knows no client %s; correct config.client_id."
                        .formatted(client.registration().getClientId()));
    }

    /** Checks the secret: the provider complains about the invalid code only after it accepted client and secret. */
    private Finding secret(Client client) {
        ClientRegistration registration = client.registration();
        if (registration.getClientSecret().isEmpty()) {
            return Finding.failed(SECRET, "The entry has no client_secret; save the provider with the one made there.");
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", "sallyport-doctor-" + seals.random());
        form.put("redirect_uri", client.callback());
        if (registration.getClientSettings().isRequireProofKey()) {
            form.put("code_verifier", seals.random());
        }
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_FORM_URLENCODED);
        headers.set(HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON_VALUE);
        if (registration.getClientAuthenticationMethod().equals(ClientAuthenticationMethod.CLIENT_SECRET_POST)) {
            form.put("client_id", registration.getClientId());
            form.put("client_secret", registration.getClientSecret());
        } else {
            headers.setBasicAuth(Base64.getEncoder()
                    .encodeToString(
                            (encoded(registration.getClientId()) + ":" + encoded(registration.getClientSecret()))
                                    .getBytes(StandardCharsets.UTF_8)));
        }
        URI endpoint = URI.create(registration.getProviderDetails().getTokenUri());
        try {
            return judged(
                    http.post(
                            endpoint,
                            headers,
                            form.entrySet().stream()
                                    .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                                    .collect(Collectors.joining("&"))
                                    .getBytes(StandardCharsets.UTF_8)),
                    endpoint);
        } catch (IOException unreachable) {
            return Finding.failed(SECRET, unreachable(endpoint.toString(), unreachable));
        }
    }

    private Finding judged(OutboundExchange.Answer answer, URI endpoint) {
        String error = error(answer.body());
        if (WRONG_CODE.contains(error)) {
            return Finding.ok(SECRET, "The provider accepts the client secret.");
        }
        if (WRONG_CLIENT.contains(error) || answer.status() == 401) {
            return Finding.failed(
                    SECRET,
                    "The provider does not accept the client secret; save the provider with a new one made there.");
        }
        return error.isEmpty()
                ? Finding.failed(
                        SECRET,
                        "The token endpoint %s answered %d without an OAuth error; correct config.token_url."
                                .formatted(endpoint, answer.status()))
                : Finding.warning(
                        SECRET,
                        "The provider answered \"%s\" to a made-up code, which says nothing about the client secret; try a sign-in."
                                .formatted(Callback.shorten(error)));
    }

    /** The error code; Facebook sends a sentence instead. */
    private String error(byte[] body) {
        JsonNode error;
        try {
            error = json.readTree(body).path("error");
        } catch (JacksonException noJson) {
            return "";
        }
        String words = error.path("message").asString("");
        if (words.isEmpty()) {
            return error.asString("");
        }
        String lower = words.toLowerCase(Locale.ROOT);
        return lower.contains("client secret") || lower.contains("validating application")
                ? "invalid_client"
                : lower.contains("verification code") || lower.contains("authorization code") ? "invalid_grant" : words;
    }

    /** Checks that the directory answers. Without a person's token a refusal is the expected answer. */
    private Finding directory(URI url) {
        try {
            int status = http.get(url, new HttpHeaders()).status();
            return status < 500
                    ? Finding.ok(DIRECTORY, url.getHost() + " answers where people and groups are asked for.")
                    : Finding.failed(
                            DIRECTORY, "%s answered %d; its own log says why.".formatted(url.getHost(), status));
        } catch (IOException unreachable) {
            return Finding.failed(
                    DIRECTORY, unreachable(url.resolve(url.getRawPath()).toString(), unreachable));
        }
    }

    /** One sentence that says why a request could not be made. */
    static String unreachable(String url, Exception why) {
        return "%s cannot be asked; check the address, name resolution and the firewall on the way out (%s)."
                .formatted(url, Callback.shorten(String.valueOf(why.getMessage())));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return text;
        }
    }
}
