package io.sallyport.login;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where an OpenID Connect provider's endpoints are: what the admin wrote, completed from the discovery document when the entry
 * names an issuer, whose {@code issuer} must equal it to the letter (OI-04). Documents are kept for an hour; an issuer that
 * fails is asked again after ten seconds, by one visitor for all.
 */
final class Discovery {
    private static final Duration FRESH = Duration.ofHours(1);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

    private final OutboundHttp http;
    private final JsonMapper json;
    private final LoadingCache<String, Slot> documents =
            Caffeine.newBuilder().maximumSize(1000).build(_ -> new Slot());

    Discovery(OutboundHttp http, JsonMapper json) {
        this.http = http;
        this.json = json;
    }

    /**
     * A provider's endpoints, complete.
     *
     * @param issuer what {@code iss} must be, null for an entry that pins none
     * @param namesItself whether every answer at the callback carries {@code iss} (RFC 9207)
     * @param postsSecret whether the token endpoint takes the client secret in the form and not in the header
     */
    record Endpoints(
            @Nullable String issuer,
            URI authUrl,
            URI tokenUrl,
            URI certsUrl,
            boolean namesItself,
            boolean postsSecret) {}

    /** A document, or the reason of the last failure, with its time. */
    private record Found(Instant at, @Nullable JsonNode document, String failure) {}

    /** The endpoints of a provider entry. */
    Endpoints of(OpenIdConnect provider, Instant now) throws ProviderFailure {
        String issuer = provider.issuer();
        Found found =
                issuer == null ? new Found(now, null, "it names no issuer to discover them from") : find(issuer, now);
        JsonNode document = found.document();
        return new Endpoints(
                issuer,
                endpoint(provider.authUrl(), document, "authorization_endpoint", found.failure()),
                endpoint(provider.tokenUrl(), document, "token_endpoint", found.failure()),
                endpoint(provider.certsUrl(), document, "jwks_uri", found.failure()),
                document != null
                        && document.path("authorization_response_iss_parameter_supported")
                                .asBoolean(false),
                document != null && takesOnlyPosted(document.path("token_endpoint_auth_methods_supported")));
    }

    private static URI endpoint(@Nullable URI written, @Nullable JsonNode document, String member, String failure)
            throws ProviderFailure {
        if (written != null) {
            return written;
        }
        String found = document == null ? "" : document.path(member).asString("");
        try {
            if (!found.isEmpty()) {
                return URI.create(found);
            }
        } catch (IllegalArgumentException malformed) {
            throw new ProviderFailure(
                    "provider_misconfigured", "The provider's discovery document is broken.", malformed);
        }
        IOException why = new IOException(failure);
        throw document == null
                ? new ProviderFailure("provider_unreachable", "The provider does not answer just now.", why)
                : new ProviderFailure("provider_misconfigured", "The provider does not say where to sign in.", why);
    }

    private Found find(String issuer, Instant now) {
        return documents.get(issuer).current(issuer, now);
    }

    /**
     * The cached document of one issuer, guarded by its own monitor: while it is fetched, others wait for the same
     * answer.
     */
    private final class Slot {
        private @Nullable Found known;
        private Instant askedAt = Instant.EPOCH;

        synchronized Found current(String issuer, Instant now) {
            Found found = known;
            if (found != null
                    && (now.isBefore(askedAt.plus(AFTER_FAILURE))
                            || (found.document() != null
                                    && now.isBefore(found.at().plus(FRESH))))) {
                return found;
            }
            Found fetched = fetch(issuer, now);
            askedAt = now;
            // An old document is better than none.
            known = fetched.document() == null && found != null && found.document() != null ? found : fetched;
            return known;
        }
    }

    private Found fetch(String issuer, Instant now) {
        try {
            String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
            OutboundExchange.Answer answer =
                    http.get(URI.create(base + "/.well-known/openid-configuration"), new HttpHeaders());
            if (answer.status() != 200) {
                return new Found(now, null, "discovery answered " + answer.status());
            }
            JsonNode document = json.readTree(answer.body());
            return document.path("issuer").asString("").equals(issuer)
                    ? new Found(now, document, "discovery names no endpoints")
                    : new Found(now, null, "discovery names another issuer");
        } catch (IOException failed) {
            return new Found(now, null, "discovery: " + failed.getMessage());
        } catch (IllegalArgumentException | JacksonException failed) {
            return new Found(now, null, "discovery answered no JSON");
        }
    }

    static boolean takesOnlyPosted(JsonNode methods) {
        boolean basic = methods.isMissingNode();
        boolean post = false;
        for (JsonNode method : methods) {
            basic |= method.asString("").equals("client_secret_basic");
            post |= method.asString("").equals("client_secret_post");
        }
        return post && !basic;
    }
}
