package io.sallyport.policy;

import io.sallyport.identity.PolicyId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a decision fell as it did.
 *
 * @param policy the deciding policy, null when none matched
 * @param policyName its name, null when none matched
 * @param rule the deciding rule as a JSON pointer into the policy, {@code /include/0}; null when no single rule decided
 */
public record Reason(
        Code code,
        @Nullable PolicyId policy,
        @Nullable String policyName,
        @Nullable String rule) {
    /** A stable name for every way a decision can fall; logs, metrics and the API have it in lower case. */
    public enum Code {
        ALLOWED_BY_POLICY,
        SERVICE_AUTH_BY_POLICY,
        BYPASSED_BY_POLICY,
        DENIED_BY_POLICY,
        /** Policies exist, none matched. */
        NO_POLICY_MATCHED,
        /** The application has no policies, so it admits nobody. */
        NO_POLICIES,
        /** An allow policy could match after a login. */
        LOGIN_REQUIRED;

        /** As logs, metrics and the API spell it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
