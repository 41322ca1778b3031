package io.sallyport.token;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The public keys another party publishes as a JWK set: an identity provider's, an external evaluator's. Keys of kinds we do not
 * use, symmetric ones above all, are left out at parsing, so that no later step can pick one (OI-05).
 */
final class RemoteKeySet {
    private static final int MOST_KEYS = 64;
    private static final int WEAKEST_RSA = 2048;
    private static final int STRONGEST_RSA = 8192;

    private final List<JWK> keys;
    private final Map<Use, Optional<JWSVerifier>> verifiers = new ConcurrentHashMap<>();

    private RemoteKeySet(List<JWK> keys) {
        this.keys = List.copyOf(keys);
    }

    private record Use(int key, JWSAlgorithm algorithm) {}

    /** Providers publish the same text for weeks, and every login verifies with it; commands that start at once never come here. */
    private static final class Known {
        static final long CHARACTERS = 8L << 20;
        static final LoadingCache<String, Optional<RemoteKeySet>> SETS = Caffeine.newBuilder()
                .maximumWeight(CHARACTERS)
                .weigher((String json, Optional<RemoteKeySet> set) -> json.length() + 1024)
                .build(RemoteKeySet::parse);
    }

    /** The same, read once for all that verify with it. */
    static Optional<RemoteKeySet> known(String json) {
        return Known.SETS.get(json);
    }

    /** Reads a JWK set; empty when the text is not one. Keys that cannot be read or are too weak are as if absent. */
    static Optional<RemoteKeySet> parse(String json) {
        Map<String, Object> document = SafeJson.object(json);
        if (document == null || !(document.get("keys") instanceof List<?> entries) || entries.size() > MOST_KEYS) {
            return Optional.empty();
        }
        List<JWK> keys = new ArrayList<>();
        for (Object entry : entries) {
            JWK key = entry instanceof Map<?, ?> members ? usable(members) : null;
            if (key != null) {
                keys.add(key);
            }
        }
        return Optional.of(new RemoteKeySet(keys));
    }

    /** Those of its keys that have one of these ids. */
    RemoteKeySet only(Set<String> ids) {
        return new RemoteKeySet(
                keys.stream().filter(key -> ids.contains(key.getKeyID())).toList());
    }

    /** Whether every one of these ids is among its keys'. */
    boolean holds(Set<String> ids) {
        return ids.stream().allMatch(id -> keys.stream().anyMatch(key -> id.equals(key.getKeyID())));
    }

    /** Keys that can be used. */
    int size() {
        return keys.size();
    }

    @SuppressWarnings("unchecked") // JSON objects have string names
    private static @Nullable JWK usable(Map<?, ?> members) {
        try {
            JWK key = JWK.parse((Map<String, Object>) members).toPublicJWK();
            boolean usable = key instanceof ECKey
                    || (key instanceof RSAKey rsa && rsa.size() >= WEAKEST_RSA && rsa.size() <= STRONGEST_RSA);
            return usable && (key.getKeyUse() == null || KeyUse.SIGNATURE.equals(key.getKeyUse())) ? key : null;
        } catch (ParseException | RuntimeException e) {
            return null;
        }
    }

    /**
     * Verifiers for a token's algorithm and key id. Without an id there must be exactly one key it could mean; a token may not be
     * tried against a whole set (OI-13).
     */
    List<JWSVerifier> candidates(JWSAlgorithm algorithm, @Nullable String kid) {
        List<JWSVerifier> candidates = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            JWK key = keys.get(i);
            boolean sameId = kid == null || kid.equals(key.getKeyID());
            boolean sameAlgorithm =
                    key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm);
            if (sameId && sameAlgorithm) {
                verifiers
                        .computeIfAbsent(new Use(i, algorithm), _ -> verifier(key, algorithm))
                        .ifPresent(candidates::add);
            }
        }
        return kid == null && candidates.size() > 1 ? List.of() : candidates;
    }

    private static Optional<JWSVerifier> verifier(JWK key, JWSAlgorithm algorithm) {
        try {
            JWSVerifier verifier = switch (key) {
                case RSAKey rsa -> new RSASSAVerifier(rsa.toRSAPublicKey());
                case ECKey ec -> new ECDSAVerifier(ec);
                default -> null;
            };
            return Optional.ofNullable(verifier)
                    .filter(v -> v.supportedJWSAlgorithms().contains(algorithm));
        } catch (JOSEException e) {
            return Optional.empty();
        }
    }
}
