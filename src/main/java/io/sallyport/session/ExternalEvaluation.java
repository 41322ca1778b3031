package io.sallyport.session;

import io.sallyport.identity.Identity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Truth;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;

/**
 * Asks an external service about a login. Blocks for a limited time and never throws.
 */
public interface ExternalEvaluation {
    /** The person and the application that the question is about. */
    record Question(
            Snapshot snapshot, Application application, Identity identity, AccessRequest anonymous, Instant now) {}

    /** The evaluator's answer; undecided when there is no valid one (FC-05). */
    Truth ask(Selector.ExternalEvaluation evaluator, Question question);
}
