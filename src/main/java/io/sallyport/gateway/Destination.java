package io.sallyport.gateway;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;

/** Where an admitted request is sent, with everything needed for that prepared. */
sealed interface Destination permits Origin, TunnelOrigin {
    /** The route, as Spring Cloud Gateway needs it. */
    Route route();

    /** What replaces the Host towards the origin; null keeps the visitor's. */
    @Nullable
    String hostHeader();

    /** Whether the origin may be told that the visitor accepts trailers. */
    boolean givesTrailers();
}
