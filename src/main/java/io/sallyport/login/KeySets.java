package io.sallyport.login;

import io.sallyport.session.PublishedKeys;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/** Providers' key sets (OI-07) from {@link PublishedKeys}, with failures turned into messages for the visitor. */
final class KeySets {
    private final PublishedKeys keys;

    KeySets(OutboundHttp http) {
        this.keys = new PublishedKeys(http.exchange());
    }

    /** The JWK set to verify with. */
    String current(URI certsUrl, Instant now) throws ProviderFailure {
        try {
            return keys.current(certsUrl, now);
        } catch (IOException unreachable) {
            throw new ProviderFailure("provider_unreachable", "The provider does not answer just now.", unreachable);
        }
    }

    /** A newer JWK set after a token named an unknown key; empty when there is nothing newer yet. */
    Optional<String> newer(URI certsUrl, Instant now) {
        return keys.newer(certsUrl, now);
    }
}
