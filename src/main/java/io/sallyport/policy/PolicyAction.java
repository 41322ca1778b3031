package io.sallyport.policy;

/** What a matching policy does. */
public enum PolicyAction {
    /** The person may get an application token. */
    ALLOW("allow"),
    /** The person is refused, even when a later policy would allow. */
    DENY("deny"),
    /** Let through on non-identity credentials, without a login. "Service Auth" in the console. */
    NON_IDENTITY("non_identity"),
    /** The gate is open: no login, no token, no log entry. */
    BYPASS("bypass");

    private final String apiName;

    PolicyAction(String apiName) {
        this.apiName = apiName;
    }

    /** The spelling of the REST API. */
    public String apiName() {
        return apiName;
    }
}
