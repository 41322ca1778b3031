package io.sallyport.snapshot;

import io.sallyport.policy.PolicyProblem;
import java.util.List;
import java.util.function.Consumer;

/**
 * Does what there is much of on all processors at once, before it is asked for one by one: the first rebuild of a process, or one after
 * a large file was applied. What a change or two make is not worth the threads, which requests want too.
 */
final class Beforehand {
    private static final int MUCH = 200;

    private Beforehand() {}

    /** @param step remembers what it makes; what it refuses it refuses again, and then in its turn, to whoever asks for it */
    static <T> void make(List<T> all, Consumer<T> step) {
        if (all.size() < MUCH) {
            return;
        }
        all.parallelStream().forEach(each -> {
            try {
                step.accept(each);
            } catch (PolicyProblem refused) {
                // Reported in its turn.
            }
        });
    }
}
