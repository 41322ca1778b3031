package io.sallyport.cli;

/** A command cannot do its work. The message is one sentence for the person who called it. */
class CommandFailure extends RuntimeException {
    private static final int FAILED = 1;

    private final int status;

    /** Ends the command with status 1. */
    CommandFailure(String message) {
        super(message);
        this.status = FAILED;
    }

    /** Ends the command with status 1. */
    CommandFailure(String message, Throwable cause) {
        super(message, cause);
        this.status = FAILED;
    }

    private CommandFailure(String message, int status) {
        super(message);
        this.status = status;
    }

    /** The command was used wrongly, in a way that picocli cannot detect. */
    static CommandFailure misuse(String message) {
        return new CommandFailure(message, Commands.USAGE_ERROR);
    }

    /** The exit status of the process. */
    int status() {
        return status;
    }
}
