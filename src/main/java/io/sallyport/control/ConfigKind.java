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
    CERTIFICATE_SETTINGS("certificate setting"),
    CUSTOM_PAGES("custom page"),
    GROUPS("group"),
    POLICIES("policy"),
    APPLICATIONS("application"),
    TUNNELS("tunnel"),
    ZONES("zone"),
    DNS_RECORDS("dns record"),
    ORIGINS("origin"),
    ORGANIZATION("organization"),
    KEYS("keys");

    private final String singular;

    ConfigKind(String singular) {
        this.singular = singular;
    }

    /** Whether there is always exactly one, so that the section is the object itself. */
    boolean isSingle() {
        return this == ORGANIZATION || this == KEYS;
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
