package io.sallyport.control;

import java.util.Locale;

/** The sections of the one file, in the order in which they are made: each names only what stands before it, or itself. */
enum ConfigKind {
    TAGS("tag"),
    LISTS("list"),
    IDENTITY_PROVIDERS("identity provider"),
    SERVICE_TOKENS("service token"),
    WORKLOAD_ISSUERS("workload issuer"),
    CERTIFICATES("certificate"),
    CUSTOM_PAGES("custom page"),
    GROUPS("group"),
    POLICIES("policy"),
    APPLICATIONS("application"),
    TUNNELS("tunnel"),
    ORIGINS("origin"),
    ORGANIZATION("organization");

    private final String singular;

    ConfigKind(String singular) {
        this.singular = singular;
    }

    /** The section's name in the file. */
    String section() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** One of them, in words. */
    String singular() {
        return singular;
    }
}
