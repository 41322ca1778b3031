package io.sallyport.session;

import java.time.Duration;

/** How long an application token lives for a configured session duration. */
final class TokenLife {
    /** "Expires immediately": just long enough for the redirect after the login. */
    private static final Duration IMMEDIATELY = Duration.ofSeconds(60);

    /** The maximum, whatever is configured, because revocations and retired keys are kept for that long. */
    static final Duration LONGEST = Duration.ofDays(31);

    private TokenLife() {}

    static Duration of(Duration configured) {
        if (!configured.isPositive()) {
            return IMMEDIATELY;
        }
        return configured.compareTo(LONGEST) > 0 ? LONGEST : configured;
    }
}
