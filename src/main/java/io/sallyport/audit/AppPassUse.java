package io.sallyport.audit;

import io.sallyport.identity.IdentityNonce;
import java.time.Instant;

/** Told of every use of an app pass, on the request path: must not block. */
@FunctionalInterface
public interface AppPassUse {
    /**
     * Notes a use.
     *
     * @param pass the session that the pass is
     */
    void note(IdentityNonce pass, Instant now);
}
