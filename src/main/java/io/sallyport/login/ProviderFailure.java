package io.sallyport.login;

/**
 * A login at a provider failed: it answered with an error, could not be reached, or sent something invalid. The message
 * is for the person: short, without secrets, and escaped when it is shown (OI-12).
 */
final class ProviderFailure extends Exception {
    private final String code;

    /** @param code stable lower-case name for log and metrics */
    ProviderFailure(String code, String message) {
        super(message);
        this.code = code;
    }

    ProviderFailure(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** A stable lower-case name. */
    String code() {
        return code;
    }
}
