package io.sallyport.policy;

import io.sallyport.identity.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The login facts an application's policies can look at, in a fixed order. Captured at token issue as two bits a fact, so that
 * any replica re-decides a request from the token and the snapshot alone (issue 2, point 5a) whatever number of groups a person
 * has. The digest names the set: a token captured for another set is re-issued from the stored identity.
 */
public final class FactSet {
    private final List<Selector.LoginFact> facts;
    private final String digest;

    FactSet(List<Selector.LoginFact> facts, String digest) {
        this.facts = List.copyOf(facts);
        this.digest = digest;
    }

    /** The facts, sorted and without repeats. */
    public List<Selector.LoginFact> facts() {
        return facts;
    }

    /** A short name for this exact set. */
    public String digest() {
        return digest;
    }

    /**
     * Evaluates every fact against a stored identity.
     *
     * @param evaluations answers of external evaluators; a missing one is undecided
     */
    public Captured capture(Identity identity, Map<Selector.ExternalEvaluation, Truth> evaluations) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** Reads what {@link Captured#encode} wrote; empty when it was captured for another set or does not parse. */
    public Optional<Captured> decode(String encoded) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** The truth of every fact of one set for one login. */
    public static final class Captured implements Subject.Facts {
        private Captured() {}

        @Override
        public Truth test(Selector.LoginFact fact) {
            throw new UnsupportedOperationException("written by the policy engine's change");
        }

        /** A compact URL-safe spelling for the token: digest and bits. */
        public String encode() {
            throw new UnsupportedOperationException("written by the policy engine's change");
        }
    }
}
