package io.sallyport.policy;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The outcome for one request. There is always exactly one: an empty result never means that the request is admitted.
 */
public sealed interface Decision {
    /** Why, as a value that log, page and API show at different depth. */
    Reason reason();

    /** Evidence that a policy admitted this request. Only {@link CompiledPolicy} creates one. */
    final class Permit implements Decision {
        /** On what grounds the request is admitted. */
        public enum Grounds {
            /** An allow policy matched a logged-in person. */
            IDENTITY,
            /** A non_identity policy matched. */
            SERVICE,
            /** A bypass policy matched: no token, no identity towards the origin, no log entry. */
            BYPASS
        }

        private final Grounds grounds;
        private final @Nullable Duration sessionDuration;
        private final Reason reason;

        Permit(Grounds grounds, @Nullable Duration sessionDuration, Reason reason) {
            this.grounds = grounds;
            this.sessionDuration = sessionDuration;
            this.reason = reason;
        }

        /** On what grounds the request is admitted. */
        public Grounds grounds() {
            return grounds;
        }

        /** The matching policy's own token life; empty means the application's. */
        public Optional<Duration> sessionDuration() {
            return Optional.ofNullable(sessionDuration);
        }

        @Override
        public Reason reason() {
            return reason;
        }
    }

    /** The decision depends on who asks, which is not known yet. */
    record LoginRequired(Reason reason) implements Decision {}

    /**
     * Refused.
     *
     * @param identityBased whether a login took part, which picks the page
     */
    record Denied(Reason reason, boolean identityBased) implements Decision {}
}
