package io.sallyport.snapshot;

import io.sallyport.policy.PolicyProblem;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fills a cache in parallel before its entries are asked for one by one: at the first rebuild of a process, or after a
 * large file was applied. For a few changes the calling thread suffices, and requests need the processors too.
 */
final class Beforehand {
    private static final int MUCH = 200;

    private Beforehand() {}

    /**
     * @param step makes and caches one entry; an exception is ignored here, because the step fails again when the entry
     *     is asked for
     */
    static <T> void make(List<T> all, Consumer<T> step) {
        if (all.size() < MUCH) {
            return;
        }
        all.parallelStream().forEach(each -> {
            try {
                step.accept(each);
            } catch (PolicyProblem refused) {
                // Reported when the entry is asked for.
            }
        });
    }
}
