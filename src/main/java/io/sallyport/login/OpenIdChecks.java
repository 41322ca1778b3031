package io.sallyport.login;

import io.sallyport.doctor.Finding;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import io.sallyport.token.KeySetReport;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks the discovery document and keys that an OpenID Connect provider publishes, bypassing all caches (Discovery 1.0
 * §4).
 */
final class OpenIdChecks {
    private static final String DISCOVERY = "discovery";
    private static final String KEYS = "keys";
    private static final String WELL_KNOWN = "/.well-known/openid-configuration";

    private final OutboundHttp http;
    private final JsonMapper json;

    OpenIdChecks(OutboundHttp http, JsonMapper json) {
        this.http = http;
        this.json = json;
    }

    /** The endpoints as a login would determine them; empty when it could not. Findings are added to {@code found}. */
    Optional<Discovery.Endpoints> endpoints(OpenIdConnect provider, List<Finding> found) {
        String issuer = provider.issuer();
        boolean written = provider.authUrl() != null && provider.tokenUrl() != null && provider.certsUrl() != null;
        JsonNode document = null;
        if (issuer == null) {
            found.add(Finding.warning(
                    DISCOVERY,
                    "The entry pins no issuer, so any token signed by its keys counts; set config.issuer to what the"
                            + " provider calls itself."));
        } else {
            Seen seen = discover(issuer);
            document = seen.document();
            // A login with configured endpoints needs no discovery document.
            found.add(
                    document == null && written
                            ? Finding.warning(DISCOVERY, seen.finding().sentence())
                            : seen.finding());
        }
        URI auth = endpoint(provider.authUrl(), document, "authorization_endpoint", found);
        URI token = endpoint(provider.tokenUrl(), document, "token_endpoint", found);
        URI keys = endpoint(provider.certsUrl(), document, "jwks_uri", found);
        if (auth == null || token == null || keys == null) {
            return Optional.empty();
        }
        boolean posts =
                document != null && Discovery.takesOnlyPosted(document.path("token_endpoint_auth_methods_supported"));
        return Optional.of(new Discovery.Endpoints(issuer, auth, token, keys, false, posts));
    }

    /** A document, null when it is unusable, and the finding about it. */
    private record Seen(@Nullable JsonNode document, Finding finding) {
        static Seen failed(String sentence) {
            return new Seen(null, Finding.failed(DISCOVERY, sentence));
        }
    }

    private Seen discover(String issuer) {
        String url = issuer.replaceFirst("/$", "") + WELL_KNOWN;
        OutboundExchange.Answer answer;
        try {
            answer = http.get(URI.create(url), new HttpHeaders());
        } catch (IOException | IllegalArgumentException unreachable) {
            return Seen.failed(DryLogin.unreachable(url, unreachable));
        }
        if (answer.status() != 200) {
            return Seen.failed("%s answered %d; correct config.issuer, it may lack a path or name another tenant."
                    .formatted(url, answer.status()));
        }
        JsonNode document;
        try {
            document = json.readTree(answer.body());
        } catch (JacksonException garbage) {
            return Seen.failed(url + " answered no JSON; correct config.issuer, it seems to be some other page.");
        }
        String named = document.path("issuer").asString("");
        if (!named.equals(issuer)) {
            return Seen.failed(
                    "The provider calls itself \"%s\" and the entry says \"%s\"; write config.issuer to the letter,"
                                    .formatted(Callback.shorten(named), issuer)
                            + " slashes included.");
        }
        return new Seen(
                document,
                algorithms(document)
                        .orElseGet(() -> Finding.ok(DISCOVERY, "The provider describes itself at " + url + ".")));
    }

    /** A finding when the provider lists its signature algorithms and RS256 is not among them; else empty. */
    private static Optional<Finding> algorithms(JsonNode document) {
        List<String> algorithms = document.path("id_token_signing_alg_values_supported")
                .valueStream()
                .map(each -> each.asString(""))
                .toList();
        if (algorithms.isEmpty() || algorithms.contains("RS256")) {
            return Optional.empty();
        }
        String offered = Callback.shorten(String.join(", ", algorithms));
        return Optional.of(
                KeySetReport.anyAccepted(algorithms)
                        ? Finding.warning(
                                DISCOVERY,
                                "The provider does not offer RS256, which OpenID Connect demands; see that this client is"
                                        + " given " + offered + " and no other.")
                        : Finding.failed(
                                DISCOVERY,
                                "The provider signs ID tokens with " + offered
                                        + " only; have it use RS256 for this client."));
    }

    private static @Nullable URI endpoint(
            @Nullable URI written, @Nullable JsonNode document, String member, List<Finding> found) {
        if (written != null) {
            return written;
        }
        String named = document == null ? "" : document.path(member).asString("");
        try {
            URI uri = named.isEmpty() ? null : URI.create(named);
            if (uri != null && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException malformed) {
            // Reported below.
        }
        if (document != null) {
            found.add(Finding.failed(
                    DISCOVERY,
                    "The discovery document names no usable %s; write it into the entry yourself, or mend the provider."
                            .formatted(member)));
        }
        return null;
    }

    /** Whether the key set has a key that can verify an ID token. */
    Finding keys(URI certsUrl) {
        OutboundExchange.Answer answer;
        try {
            answer = http.get(certsUrl, new HttpHeaders());
        } catch (IOException unreachable) {
            return Finding.failed(KEYS, DryLogin.unreachable(certsUrl.toString(), unreachable));
        }
        if (answer.status() != 200) {
            return Finding.failed(
                    KEYS, "%s answered %d; correct config.certs_url.".formatted(certsUrl, answer.status()));
        }
        Optional<KeySetReport> report = KeySetReport.of(new String(answer.body(), StandardCharsets.UTF_8));
        if (report.isEmpty()) {
            return Finding.failed(KEYS, certsUrl + " answered no JWK set; correct config.certs_url.");
        }
        int listed = report.get().listed();
        int usable = report.get().usable();
        if (usable == 0) {
            return Finding.failed(
                    KEYS,
                    listed == 0
                            ? "The provider publishes no keys at " + certsUrl + "; have it make a signing key."
                            : "None of the %d keys at %s can verify an ID token; have the provider sign with RSA (2048 bits or"
                                            .formatted(listed, certsUrl)
                                    + " more) or an elliptic curve.");
        }
        return Finding.ok(KEYS, "%d of %d published keys can verify ID tokens.".formatted(usable, listed));
    }
}
