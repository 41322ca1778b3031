package io.sallyport.policy;

import io.sallyport.identity.PolicyId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy as an admin wrote it, parsed: matches when any include, every require and no exclude rule does.
 *
 * @param reportOnly evaluated beside the others and never enforced
 * @param sessionDuration life of tokens issued under this policy; zero means "expires immediately", null the application's
 */
public record PolicySpec(
        PolicyId id,
        String name,
        PolicyAction action,
        List<Selector> include,
        List<Selector> exclude,
        List<Selector> require,
        @Nullable Duration sessionDuration,
        boolean reportOnly) {
    /** Copies the rules. */
    public PolicySpec {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        require = List.copyOf(require);
    }

    /** A policy that is enforced. */
    public PolicySpec(
            PolicyId id,
            String name,
            PolicyAction action,
            List<Selector> include,
            List<Selector> exclude,
            List<Selector> require,
            @Nullable Duration sessionDuration) {
        this(id, name, action, include, exclude, require, sessionDuration, false);
    }
}
