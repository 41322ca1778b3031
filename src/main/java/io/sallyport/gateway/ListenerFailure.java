package io.sallyport.gateway;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** The TLS listener cannot serve, which ends the start. The message is a sentence for the operator. */
final class ListenerFailure extends RuntimeException {
    private ListenerFailure(String sentence, Exception cause) {
        super(sentence, cause);
    }

    static ListenerFailure portTaken(int port, Exception cause) {
        return new ListenerFailure(
                "port " + port + " is in use; stop what uses it, or choose another with --sallyport.https.port", cause);
    }

    static ListenerFailure certificate(Exception cause) {
        String reason = switch (cause) {
            case NoSuchFileException missing -> "there is no file " + missing.getFile();
            case AccessDeniedException closed -> "this user may not read " + closed.getFile();
            default -> String.valueOf(cause.getMessage());
        };
        return new ListenerFailure(
                "the certificate of the TLS listener cannot be used: " + reason
                        + "; sallyport.tls.certificate and sallyport.tls.key name PEM files that belong together",
                cause);
    }
}
