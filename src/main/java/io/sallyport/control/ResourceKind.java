package io.sallyport.control;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The kinds of resources to which an admin token can be restricted. Every handler belongs to exactly one, see {@link
 * Concerns}.
 */
enum ResourceKind {
    /** Who we are: the account, its zone, the caller's own token. Open to every valid token. */
    ACCOUNT,
    APPLICATIONS,
    POLICIES,
    GROUPS,
    IDENTITY_PROVIDERS,
    SERVICE_TOKENS,
    CERTIFICATES,
    KEYS,
    USERS,
    ORGANIZATION,
    TAGS,
    CUSTOM_PAGES,
    LISTS,
    ORIGINS,
    TUNNELS,
    /** The credentials a connector runs with, and its management channel (AD-05). */
    TUNNEL_TOKENS,
    /** Names of tunnels. */
    DNS,
    /** Authentication logs and decisions. */
    LOGS,
    /** The trail of admin changes. */
    AUDIT,
    /** Everything at once: export, apply, diff. */
    CONFIGURATION,
    /** Tokens of this API. */
    API_TOKENS;

    /** As the API spells it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the API's spelling. */
    static Optional<ResourceKind> of(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
    }
}
