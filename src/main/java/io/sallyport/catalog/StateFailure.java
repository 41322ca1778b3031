package io.sallyport.catalog;

/** Why the state cannot be opened, in one sentence for the operator; ends the start. */
public final class StateFailure extends RuntimeException {
    /** @param sentence what is wrong, and what to do */
    public StateFailure(String sentence) {
        super(sentence);
    }

    /** @param sentence what is wrong, and what to do */
    public StateFailure(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
