package io.sallyport.decision;

/** Takes decisions from any thread without waiting. */
@FunctionalInterface
public interface DecisionLog {
    /**
     * Records a decision. Never blocks.
     *
     * @return the id under which it can be read: its own ray id, or that of an equal decision shortly before it
     */
    String offer(Decided decided);
}
