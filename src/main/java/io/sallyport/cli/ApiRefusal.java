package io.sallyport.cli;

/** The gateway answered that it does not do what a command asks for. */
final class ApiRefusal extends CommandFailure {
    private final int status;
    private final int code;

    /**
     * Ends the command with status 1.
     *
     * @param status of the answer
     * @param code the API's own; 0 without one
     */
    ApiRefusal(int status, int code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /** Whether the answer had this status, and the API's code for this kind of refusal. */
    boolean is(int answered, int kind) {
        return status == answered && code == kind;
    }
}
