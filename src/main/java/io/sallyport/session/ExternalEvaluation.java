package io.sallyport.session;

import io.sallyport.identity.Identity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Truth;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;

/** Asks somebody else's service about a login (spec/access-semantics.md §15). Blocking, bounded in time, and never throws. */
public interface ExternalEvaluation {
    /** Who wants to enter where. */
    record Question(
            Snapshot snapshot, Application application, Identity identity, AccessRequest anonymous, Instant now) {}

    /** The evaluator's answer; undecided when there is none that counts (FC-05). */
    Truth ask(Selector.ExternalEvaluation evaluator, Question question);
}
