package io.sallyport.web;

import org.springframework.http.HttpHeaders;

/**
 * The headers of every answer the edge gives itself (ER-01, CS-13). Written here and nowhere else; Spring Security's own header
 * writers are off on these hosts so that no answer gets two opinions.
 */
public final class SecurityHeaders {
    private static final String NOTHING =
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final String ONE_YEAR = "max-age=31536000";

    private SecurityHeaders() {}

    /**
     * Writes the headers for a page.
     *
     * @param secure whether the browser came over TLS, which is when HSTS means something
     */
    public static void write(HttpHeaders headers, Page page, boolean secure) {
        write(headers, page.contentSecurityPolicy(), secure);
    }

    /** Writes the headers for anything that is not a page: JSON, redirects, empty answers. */
    public static void write(HttpHeaders headers, boolean secure) {
        write(headers, NOTHING, secure);
    }

    private static void write(HttpHeaders headers, String contentSecurityPolicy, boolean secure) {
        headers.set("Content-Security-Policy", contentSecurityPolicy);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        headers.setCacheControl("no-store");
        if (secure) {
            headers.set("Strict-Transport-Security", ONE_YEAR);
        }
    }
}
