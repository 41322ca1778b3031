package io.sallyport.snapshot;

import io.sallyport.identity.AppId;
import io.sallyport.identity.PolicyId;
import org.jspecify.annotations.Nullable;

/**
 * Something in the configuration that is valid but probably a mistake.
 *
 * @param code a stable lower-case name
 * @param policy null when it is about the application itself
 * @param pointer the place in the policy or application, empty for the whole
 * @param reason why it is so
 * @param advice what to do
 */
public record ConfigWarning(
        String code,
        AppId application,
        String applicationName,
        @Nullable PolicyId policy,
        @Nullable String policyName,
        String pointer,
        String reason,
        String advice) {}
