package io.sallyport.cli;

/** A command cannot do its work. The message is one sentence for the person who called it; it ends the command with status 1. */
final class CommandFailure extends RuntimeException {
    CommandFailure(String message) {
        super(message);
    }

    CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
