package io.sallyport.control;

import java.util.Arrays;
import java.util.Optional;

/** What an admin token may do. */
enum AdminRole {
    /** Everything, tokens included. */
    OWNER,
    /** Reads and writes configuration. */
    EDITOR,
    /** Reads. */
    AUDITOR;

    /** Reads the stored spelling; an unknown one may do nothing. */
    static Optional<AdminRole> of(String text) {
        return Arrays.stream(values())
                .filter(role -> role.name().equalsIgnoreCase(text))
                .findFirst();
    }

    /** Whether it may use this HTTP method. */
    boolean may(String method) {
        return switch (this) {
            case OWNER, EDITOR -> true;
            case AUDITOR -> method.equals("GET") || method.equals("HEAD");
        };
    }
}
