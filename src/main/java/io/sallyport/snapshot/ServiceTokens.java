package io.sallyport.snapshot;

import io.sallyport.identity.ServiceIdentity;
import io.sallyport.token.Sha256;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** All service tokens, by client id, with hashed secrets (ST-01). */
public record ServiceTokens(Map<String, Entry> byClientId) {
    /** Compared against when the id is unknown. No secret hashes to it: nobody knows a preimage. */
    private static final byte[] NOBODY = new byte[32];

    /** Copies the map. */
    public ServiceTokens {
        byClientId = Map.copyOf(byClientId);
    }

    /**
     * One token.
     *
     * @param secretHash SHA-256 of the current secret
     * @param previousSecretHash SHA-256 of the previous one, empty when there is none
     * @param previousValidUntil end of its grace
     */
    @SuppressWarnings("ArrayRecordComponent") // hashes are compared in constant time, entries never
    public record Entry(
            ServiceIdentity identity,
            byte[] secretHash,
            byte[] previousSecretHash,
            Instant previousValidUntil,
            Instant expiresAt,
            boolean enabled) {}

    /** Verifies credentials in constant time; an unknown id costs the same as a wrong secret. */
    public Optional<ServiceIdentity> authenticate(String clientId, String secret, Instant now) {
        byte[] presented = Sha256.of(secret);
        Entry entry = byClientId.get(clientId);
        // Both comparisons run, whatever is known and whatever they find.
        boolean current = MessageDigest.isEqual(entry == null ? NOBODY : entry.secretHash(), presented);
        boolean previous = MessageDigest.isEqual(
                entry == null || entry.previousSecretHash().length == 0 ? NOBODY : entry.previousSecretHash(),
                presented);
        if (entry == null) {
            return Optional.empty();
        }
        boolean counts = current || (previous && now.isBefore(entry.previousValidUntil()));
        return counts && entry.enabled() && now.isBefore(entry.expiresAt())
                ? Optional.of(entry.identity())
                : Optional.empty();
    }
}
