package io.sallyport.login;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One of our cookies (spec/access-semantics.md §6.2): always Secure and host-only (CS-01).
 *
 * @param expires written as {@code Expires}, because cloudflared ignores {@code Max-Age}; null makes a session cookie
 */
record SetCookie(
        String name, String value, String path, @Nullable Instant expires, boolean httpOnly, String sameSite) {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** A cookie for the whole host that scripts cannot read. */
    static SetCookie guarded(String name, String value, @Nullable Instant expires) {
        return new SetCookie(name, value, "/", expires, true, "None");
    }

    /** Takes a cookie away from the browser. */
    static SetCookie cleared(String name, String path) {
        return new SetCookie(name, "", path, Instant.EPOCH, true, "None");
    }

    @Override
    public String toString() {
        return name + "=" + value + "; Path=" + path
                + (expires == null ? "" : "; Expires=" + DATE.format(expires))
                + "; Secure"
                + (httpOnly ? "; HttpOnly" : "")
                + "; SameSite=" + sameSite;
    }
}
