package io.sallyport.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has every wait for a condition look again after ten milliseconds, then less and less often up to Awaitility's own tenth of a second:
 * most of what tests wait for is there at once. JUnit finds it by itself.
 */
public final class PromptAwaits implements BeforeAllCallback {
    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration LAST = Duration.ofMillis(100);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollInterval(IterativePollInterval.iterative(PromptAwaits::longer, FIRST));
    }

    private static Duration longer(Duration before) {
        Duration next = before.multipliedBy(3).dividedBy(2);
        return next.compareTo(LAST) < 0 ? next : LAST;
    }
}
