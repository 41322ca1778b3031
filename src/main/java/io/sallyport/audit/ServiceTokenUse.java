package io.sallyport.audit;

import io.sallyport.identity.ServiceTokenId;
import java.time.Instant;

/** Told of every use of a service token, on the request path: must not block. */
@FunctionalInterface
public interface ServiceTokenUse {
    /** Notes a use. */
    void note(ServiceTokenId token, Instant now);
}
