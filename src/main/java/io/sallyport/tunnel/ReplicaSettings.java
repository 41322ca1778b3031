package io.sallyport.tunnel;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of forwarding between replicas.
 *
 * @param port on which this one listens; 0 picks a free one, which the others learn from the database
 * @param address an address or a name at which the others reach it; null means the address by which it reaches the
 *     database
 */
@ConfigurationProperties("sallyport.replica")
record ReplicaSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("0") int port,
        @Nullable String address) {
    ReplicaSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("sallyport.replica.port must be between 0 and 65535");
        }
    }
}
