package io.sallyport.snapshot;

import io.sallyport.identity.TunnelId;
import org.jspecify.annotations.Nullable;

/**
 * A tunnel whose connectors may register: it exists, was not deleted, and its secret could be read. Any other tunnel id is as
 * unknown as one never heard of.
 *
 * @param remotelyManaged whether connectors take their configuration from us
 * @param configVersion version of {@code configJson}; 0 before the first
 * @param configJson the configuration as it is pushed; null before the first
 */
public record TunnelGrant(
        TunnelId id,
        String name,
        TunnelSecret secret,
        boolean remotelyManaged,
        int configVersion,
        @Nullable String configJson) {}
