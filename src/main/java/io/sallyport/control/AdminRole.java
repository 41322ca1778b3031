package io.sallyport.control;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an admin token may do at most; scopes only narrow it. */
enum AdminRole {
    /** Everything, tokens of this API included. */
    OWNER,
    /** Reads and writes configuration, and does not see the tokens of this API. */
    EDITOR,
    /** Reads, and sees no secrets. */
    AUDITOR;

    /** Reads the stored spelling; an unknown one may do nothing. */
    static Optional<AdminRole> of(String text) {
        return Arrays.stream(values())
                .filter(role -> role.name().equalsIgnoreCase(text))
                .findFirst();
    }

    /** As the API spells it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The table of roles (AD-02). */
    Access access(ResourceKind kind) {
        return switch (this) {
            case OWNER -> Access.WRITE;
            case EDITOR -> kind == ResourceKind.API_TOKENS ? Access.NONE : Access.WRITE;
            case AUDITOR -> kind == ResourceKind.TUNNEL_TOKENS ? Access.NONE : Access.READ;
        };
    }
}
