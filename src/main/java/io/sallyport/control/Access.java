package io.sallyport.control;

import java.util.Locale;
import java.util.Optional;

/** How far a token may go with one kind of resource. Each level holds the ones before. */
enum Access {
    /** The resource is hidden. */
    NONE,
    READ,
    WRITE;

    /** The level that an HTTP method needs. */
    static Access neededFor(String method) {
        return method.equals("GET") || method.equals("HEAD") ? READ : WRITE;
    }

    /** Reads the API's spelling of a scope. */
    static Optional<Access> of(String word) {
        return switch (word) {
            case "read" -> Optional.of(READ);
            case "write" -> Optional.of(WRITE);
            default -> Optional.empty();
        };
    }

    /** As the API spells it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether this level holds the other. */
    boolean holds(Access other) {
        return compareTo(other) >= 0;
    }

    /** The lower of two. */
    Access atMost(Access other) {
        return holds(other) ? other : this;
    }
}
