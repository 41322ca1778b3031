package io.sallyport.control;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Checks {@code mfa_config}, which applications, policies and the organisation share; it is stored and echoed. */
final class MfaConfig {
    private static final Set<String> AUTHENTICATORS = Set.of("totp", "biometrics", "security_key");

    private MfaConfig() {}

    /** Refuses what spec/rest-api.md §4 does not allow. */
    static void check(Fields config) {
        List<String> authenticators = config.lines("allowed_authenticators", 10, 40);
        for (int i = 0; i < authenticators.size(); i++) {
            if (!AUTHENTICATORS.contains(authenticators.get(i))) {
                throw config.invalid(
                        "allowed_authenticators", "entry " + i + " must be one of biometrics, security_key, totp");
            }
        }
        config.flag("mfa_disabled");
        config.duration("session_duration", Duration.ZERO, Duration.ofDays(30));
    }
}
