package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a request through a tunnel goes.
 *
 * @param connector the one process that is to have it; null when any connector of the tunnel will do
 */
public record TunnelAddress(TunnelId tunnel, @Nullable UUID connector) {
    /** Any connector of a tunnel. */
    public static TunnelAddress of(TunnelId tunnel) {
        return new TunnelAddress(tunnel, null);
    }

    /** Whether a connection leads there. */
    boolean fits(TunnelConnection connection) {
        return connector == null || connector.equals(connection.client());
    }
}
