package io.sallyport.token;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a management token opens at a connector, in the API's words. */
public enum ManagementResource {
    /** The log, line by line as it is written. */
    LOGS,
    /** Everything there is. */
    ADMIN,
    /** Which machine it runs on. */
    HOST_DETAILS;

    /** As the API spells it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the API's spelling. */
    public static Optional<ManagementResource> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }
}
