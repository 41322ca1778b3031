package io.sallyport.gateway;

import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import java.time.Instant;

/**
 * Where a request stands once it is decided: all that the decision is acted upon with.
 *
 * @param now the moment it was decided at
 */
record Standing(AccessExchange access, Application application, Ruling ruling, boolean preflight, Instant now) {
    SessionState session() {
        return ruling.session();
    }

    Presented presented() {
        return ruling.presented();
    }

    /** What the policies were asked. */
    AccessRequest asked() {
        return ruling.asked();
    }

    Decision decision() {
        return ruling.decision();
    }

    /** Strict mode and token credentials: only service auth and bypass may admit, and nothing leads to a login (ST-02). */
    boolean strictlyService() {
        return session() instanceof SessionState.Service
                && access.snapshot().settings().strictServiceTokens();
    }
}
