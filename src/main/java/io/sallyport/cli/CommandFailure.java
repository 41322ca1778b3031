package io.sallyport.cli;

/** A command cannot do its work. The message is one sentence for the person who called it. */
final class CommandFailure extends RuntimeException {
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

    /** The command was called wrongly, in a way that only running it could find. */
    static CommandFailure misuse(String message) {
        return new CommandFailure(message, Commands.USAGE_ERROR);
    }

    /** How the process ends. */
    int status() {
        return status;
    }
}
