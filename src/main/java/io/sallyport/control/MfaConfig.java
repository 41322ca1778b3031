package io.sallyport.control;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Checks {@code mfa_config}, which applications, policies and the organisation share. Second factors are left to the
 * identity provider; the gateway has none of its own. So that nobody believes a demand for one is enforced, such
 * configurations are refused. Configurations that demand none are stored and echoed.
 */
final class MfaConfig {
    private static final Set<String> AUTHENTICATORS = Set.of("totp", "biometrics", "security_key");

    /** The message of the refusal. */
    private static final String NOT_ENFORCED =
            "cannot be set: second factors are not enforced here; require them with an auth_method rule such as"
                    + " {\"auth_method\": {\"auth_method\": \"mfa\"}}";

    /** Members that demand a second factor or restrict its kind or age. */
    private static final List<String> DEMANDS =
            List.of("allowed_authenticators", "session_duration", "amr_matching_session_duration", "required_aaguids");

    private MfaConfig() {}

    /** Refuses what Cloudflare's API does not take, and demands that would not be enforced. */
    static void check(Fields config) {
        List<String> authenticators = config.lines("allowed_authenticators", 10, 40);
        for (int i = 0; i < authenticators.size(); i++) {
            if (!AUTHENTICATORS.contains(authenticators.get(i))) {
                throw config.invalid(
                        "allowed_authenticators", "entry " + i + " must be one of biometrics, security_key, totp");
            }
        }
        config.duration("session_duration", Duration.ZERO, Duration.ofDays(30));
        if (config.isSet("mfa_disabled")) {
            return;
        }
        for (String demand : DEMANDS) {
            if (config.has(demand) && !isEmptyList(config.json().get(demand))) {
                throw config.invalid(demand, NOT_ENFORCED);
            }
        }
    }

    private static boolean isEmptyList(JsonNode value) {
        return value.isArray() && value.isEmpty();
    }

    /** Refuses to require second factors everywhere, for the same reason. */
    static void refuseForAll(Fields organization) {
        if (organization.isSet("mfa_required_for_all_apps")) {
            throw organization.invalid("mfa_required_for_all_apps", NOT_ENFORCED);
        }
    }
}
