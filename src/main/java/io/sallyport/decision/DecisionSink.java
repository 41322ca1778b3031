package io.sallyport.decision;

import java.util.List;

/** Where decisions end up. Blocking; called from the decision log's own thread. */
@FunctionalInterface
interface DecisionSink {
    /** Stores a batch in order, as a whole or not at all. */
    void store(List<QueuedDecisionLog.Entry> batch);
}
