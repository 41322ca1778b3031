package io.sallyport.login;

import io.sallyport.token.Sealer;
import io.sallyport.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Encrypts state that travels through the browser instead of being stored, so that any replica can handle the next
 * request. The state is JSON with an expiry, bound to one record type.
 */
final class Seals {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Sealer sealer;
    private final JsonMapper json;
    private final SecureRandom random = new SecureRandom();

    Seals(Sealer sealer, JsonMapper json) {
        this.sealer = sealer;
        this.json = json;
    }

    /** State with an expiry. */
    interface Ending {
        /** Epoch second at which it expires. */
        long ends();
    }

    /** Seals for {@link #open} with the same type. */
    String seal(Ending state) {
        return sealer.seal(purpose(state.getClass()), json.writeValueAsBytes(state));
    }

    /** The state, if it was sealed with this type and has not expired. */
    <T extends Record & Ending> Optional<T> open(Class<T> type, String sealed, Instant now) {
        return sealer.open(purpose(type), sealed).flatMap(plain -> {
            try {
                T state = json.readValue(plain, type);
                return now.getEpochSecond() < state.ends() ? Optional.of(state) : Optional.empty();
            } catch (JacksonException fromAnotherRelease) {
                return Optional.empty();
            }
        });
    }

    /** A keyed hash for lookups that must not be guessable at rest. */
    byte[] mac(String purpose, String value) {
        return sealer.mac("login/" + purpose, value.getBytes(StandardCharsets.UTF_8));
    }

    /** 256 random bits, base64url. */
    String random() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return BASE64.encodeToString(bytes);
    }

    /** A uniformly random number below the bound. */
    int random(int bound) {
        return random.nextInt(bound);
    }

    /** Base64url SHA-256, as PKCE, CF_AppSession and CF_Binding use it. */
    static String hash(String value) {
        return BASE64.encodeToString(Sha256.of(value));
    }

    /** Compares in constant time. */
    static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private static String purpose(Class<?> type) {
        return "login/" + type.getSimpleName();
    }
}
