package io.sallyport.policy;

import io.sallyport.identity.Email;
import java.util.List;

/** One application's policies, compiled: immutable, allocation-free on the common path, safe for any number of threads. */
public final class CompiledPolicy {
    CompiledPolicy() {}

    /** Decides one request: service auth and bypass first, then allow and deny, first match ends (§4.3); by default no. */
    public Decision decide(AccessRequest request) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** The login facts a token for this application must carry. */
    public FactSet facts() {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** The external evaluators to ask at token issue. */
    public List<Selector.ExternalEvaluation> evaluators() {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /**
     * Whether some allow policy could admit this address by a one-time PIN login from this client, all facts of the login being
     * as a one-time PIN would establish them: only then is a code mailed (§11, OT-01).
     */
    public boolean couldAdmit(Email email, AccessRequest anonymous, io.sallyport.identity.IdpId oneTimePin) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }
}
