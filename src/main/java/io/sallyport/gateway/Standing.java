package io.sallyport.gateway;

import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import java.time.Instant;

/**
 * A decided request: everything needed to carry the decision out.
 *
 * @param now when it was decided
 */
record Standing(AccessExchange access, Application application, Ruling ruling, boolean preflight, Instant now) {
    SessionState session() {
        return ruling.session();
    }

    Presented presented() {
        return ruling.presented();
    }

    /** The request as the policies saw it. */
    AccessRequest asked() {
        return ruling.asked();
    }

    Decision decision() {
        return ruling.decision();
    }

    /**
     * Whether service credentials were presented in strict mode: then only service-auth and bypass policies may admit,
     * and there is no redirect to a login (ST-02).
     */
    boolean strictlyService() {
        return session() instanceof SessionState.Service
                && access.snapshot().settings().strictServiceTokens();
    }
}
