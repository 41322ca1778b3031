package io.sallyport.gateway;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;

/** Where an admitted request goes, ready to use. */
sealed interface Destination permits Origin, TunnelOrigin {
    /** What Spring Cloud Gateway wants to know of it. */
    Route route();

    /** What replaces the Host towards the origin; null keeps the visitor's. */
    @Nullable
    String hostHeader();

    /** Whether it may be told that the visitor takes trailers. */
    boolean givesTrailers();
}
