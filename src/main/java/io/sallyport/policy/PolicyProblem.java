package io.sallyport.policy;

/** A policy, group or selector that cannot be accepted; names the field by JSON pointer so that the API can. */
public final class PolicyProblem extends RuntimeException {
    private final String pointer;

    /** @param pointer where, relative to the policy or group: {@code /include/0/email/email} */
    public PolicyProblem(String pointer, String message) {
        super(message);
        this.pointer = pointer;
    }

    /** Where, as a JSON pointer relative to the policy or group. */
    public String pointer() {
        return pointer;
    }
}
