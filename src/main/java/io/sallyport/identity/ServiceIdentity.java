package io.sallyport.identity;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that presented a valid service token, or a workload that a registered issuer vouches for.
 *
 * @param id of the service token, or of the workload's issuer
 * @param clientId 32 hex digits and {@code .access}, or {@code workload:} with issuer and subject; the token's
 *     {@code common_name}
 * @param claims what the issuer says about the workload; null for a service token
 */
public record ServiceIdentity(
        ServiceTokenId id,
        String clientId,
        String name,
        @Nullable Map<String, Object> claims) {
    /** A service token. */
    public ServiceIdentity(ServiceTokenId id, String clientId, String name) {
        this(id, clientId, name, null);
    }

    /** Whether an issuer vouches for it, rather than a secret. */
    public boolean isWorkload() {
        return claims != null;
    }
}
