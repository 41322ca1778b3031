package io.sallyport.login;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.sallyport.session.OutboundExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Providers' key sets (OI-07): read again after ten minutes, or at once when a token names a key we have not seen, though for
 * that reason not twice within thirty seconds; while the endpoint fails, the last good copy serves for a day.
 */
final class KeySets {
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration USABLE = Duration.ofHours(24);
    private static final Duration GAP = Duration.ofSeconds(30);

    private final OutboundHttp http;
    private final LoadingCache<URI, Slot> slots =
            Caffeine.newBuilder().maximumSize(1000).build(_ -> new Slot());

    KeySets(OutboundHttp http) {
        this.http = http;
    }

    /** The JWK set to verify with. */
    String current(URI certsUrl, Instant now) throws ProviderFailure {
        Slot slot = slots.get(certsUrl);
        synchronized (slot) {
            if (!slot.youngerThan(FRESH, now) && !now.isBefore(slot.tried.plus(GAP))) {
                slot.tried = now;
                slot.fetch(certsUrl, now);
            }
            String document = slot.document;
            if (document == null || !slot.youngerThan(USABLE, now)) {
                throw new ProviderFailure("provider_unreachable", "The provider's keys cannot be fetched just now.");
            }
            return document;
        }
    }

    /** A newer JWK set after a token named an unknown key; empty when there is nothing newer to be had yet. */
    Optional<String> newer(URI certsUrl, Instant now) {
        Slot slot = slots.get(certsUrl);
        synchronized (slot) {
            if (now.isBefore(slot.askedForMore.plus(GAP))) {
                return Optional.empty();
            }
            slot.askedForMore = now;
            return slot.fetch(certsUrl, now) ? Optional.ofNullable(slot.document) : Optional.empty();
        }
    }

    /** One provider's keys, guarded by its own monitor: logins at other providers do not wait for this one. */
    private final class Slot {
        private @Nullable String document;
        private Instant fetched = Instant.EPOCH;
        private Instant tried = Instant.EPOCH;
        private Instant askedForMore = Instant.EPOCH;

        boolean youngerThan(Duration age, Instant now) {
            return document != null && now.isBefore(fetched.plus(age));
        }

        boolean fetch(URI certsUrl, Instant now) {
            try {
                OutboundExchange.Answer answer = http.get(certsUrl, new HttpHeaders());
                if (answer.status() != 200) {
                    return false;
                }
                document = new String(answer.body(), StandardCharsets.UTF_8);
                fetched = now;
                return true;
            } catch (IOException unreachable) {
                return false;
            }
        }
    }
}
