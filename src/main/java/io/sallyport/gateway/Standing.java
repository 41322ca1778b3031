package io.sallyport.gateway;

import io.sallyport.policy.AccessRequest;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import java.time.Instant;

/**
 * Where a request stands once it is known who asks: all that its decision is made from and acted upon with.
 *
 * @param asked what the policies are asked
 * @param now the moment the session was judged at
 */
record Standing(
        AccessExchange access,
        Application application,
        SessionState session,
        Presented presented,
        AccessRequest asked,
        boolean preflight,
        Instant now) {
    /** Strict mode and token credentials: only service auth and bypass may admit, and nothing leads to a login (ST-02). */
    boolean strictlyService() {
        return session instanceof SessionState.Service
                && access.snapshot().settings().strictServiceTokens();
    }
}
