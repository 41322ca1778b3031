package io.sallyport.policy;

import io.sallyport.identity.PolicyId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A policy, group or selector that cannot be accepted; names the field by JSON pointer so that the API can. */
public final class PolicyProblem extends RuntimeException {
    private final String pointer;
    private final @Nullable PolicyId policy;

    /** @param pointer where, relative to the policy or group: {@code /include/0/email/email} */
    public PolicyProblem(String pointer, String message) {
        this(pointer, message, null);
    }

    private PolicyProblem(String pointer, String message, @Nullable PolicyId policy) {
        super(message);
        this.pointer = pointer;
        this.policy = policy;
    }

    /** The same problem, found while compiling this policy. */
    PolicyProblem in(PolicyId found) {
        return new PolicyProblem(pointer, String.valueOf(getMessage()), found);
    }

    /** The same problem at a nested place. Pointers are built only when there is a problem. */
    public PolicyProblem at(String place) {
        return new PolicyProblem(place + pointer, String.valueOf(getMessage()), policy);
    }

    /** The policy at fault, when several were compiled together. */
    public Optional<PolicyId> policy() {
        return Optional.ofNullable(policy);
    }

    /** Where, as a JSON pointer relative to the policy or group. */
    public String pointer() {
        return pointer;
    }
}
