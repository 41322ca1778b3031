package io.sallyport.gateway;

import io.sallyport.identity.TunnelId;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;

/**
 * A tunnel as the destination of a request. Its connectors choose the origin and the Host header.
 *
 * @param hostname the configured name that leads there
 */
record TunnelOrigin(TunnelId tunnel, String hostname) implements Destination {
    @Override
    public Route route() {
        return Origin.NOWHERE;
    }

    @Override
    public @Nullable String hostHeader() {
        return null;
    }

    @Override
    public boolean givesTrailers() {
        return true;
    }
}
