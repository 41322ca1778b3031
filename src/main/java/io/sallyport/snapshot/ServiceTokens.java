package io.sallyport.snapshot;

import io.sallyport.identity.ServiceIdentity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** All service tokens, by client id, with hashed secrets (ST-01). */
public record ServiceTokens(Map<String, Entry> byClientId) {
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
    @SuppressWarnings("ArrayRecordComponent")
    public record Entry(
            ServiceIdentity identity,
            byte[] secretHash,
            byte[] previousSecretHash,
            Instant previousValidUntil,
            Instant expiresAt,
            boolean enabled) {}

    /** Verifies credentials in constant time; an unknown id costs the same as a wrong secret. */
    public Optional<ServiceIdentity> authenticate(String clientId, String secret, Instant now) {
        throw new UnsupportedOperationException("written by the snapshot change");
    }
}
