package io.sallyport.session;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Application.CookieSettings;
import io.sallyport.token.Sha256;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes the {@code Set-Cookie} values of our cookies: always Secure, always host-only (CS-01), and with an
 * {@code Expires} attribute, because cloudflared takes a cookie without one for expired. Only that of an application whose session
 * "expires immediately" has none: the browser then keeps the cookie for its session, and the token in it ends by itself.
 */
public final class SessionCookie {
    private static final Duration LOGIN_LASTS = Duration.ofHours(4);
    private static final Duration APP_SESSION_LASTS = Duration.ofHours(24);
    private static final Duration DEVICE_LASTS = Duration.ofDays(30);
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int RANDOM_BYTES = 32;
    private static final Pattern RANDOM_VALUE = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private SessionCookie() {}

    /**
     * CF_Authorization on an application host, as the application's settings say.
     *
     * @param expiresAt null makes a session cookie
     */
    public static String application(Application application, String compact, @Nullable Instant expiresAt) {
        CookieSettings settings = application.cookies();
        return write(
                AccessHeaders.AUTHORIZATION_COOKIE,
                compact,
                settings.path(),
                expiresAt,
                settings.httpOnly(),
                sameSite(settings.sameSite()));
    }

    /** CF_Binding, with the same expiry; never readable by scripts. */
    public static String binding(Application application, String value, @Nullable Instant expiresAt) {
        return write(AccessHeaders.BINDING_COOKIE, value, application.cookies().path(), expiresAt, true, "None");
    }

    /** The cookie of a shared pass on an application host. */
    public static String pass(Application application, String secret, Instant expiresAt) {
        return write(
                AccessHeaders.APP_PASS_COOKIE, secret, application.cookies().path(), expiresAt, true, "Lax");
    }

    /** CF_AppSession on an application host. */
    public static String appSession(String value, Instant now) {
        return write(AccessHeaders.APP_SESSION_COOKIE, value, "/", now.plus(APP_SESSION_LASTS), true, "None");
    }

    /**
     * The CF_AppSession that the browser has already, because logins in other tabs depend on it (CS-11); else a new
     * one.
     */
    public static String appSessionOf(CookieHeader cookies) {
        List<String> known = cookies.values(AccessHeaders.APP_SESSION_COOKIE);
        return known.size() == 1 && RANDOM_VALUE.matcher(known.getFirst()).matches() ? known.getFirst() : randomValue();
    }

    /** CF_Authorization on the team domain: the global session. */
    public static String global(String compact, Instant expiresAt) {
        return write(AccessHeaders.AUTHORIZATION_COOKIE, compact, "/", expiresAt, true, "None");
    }

    /** CF_Session on the team domain. */
    public static String loginSession(String value, Instant now) {
        return write(AccessHeaders.SESSION_COOKIE, value, "/", now.plus(LOGIN_LASTS), true, "None");
    }

    /** CF_Device on the team domain. */
    public static String device(String value, Instant now) {
        return write(AccessHeaders.DEVICE_COOKIE, value, "/", now.plus(DEVICE_LASTS), true, "Strict");
    }

    /** Deletes a cookie; the path must be the one it was set with. */
    public static String cleared(String name, String path) {
        return write(name, "", path, Instant.EPOCH, true, "None");
    }

    /** A fresh value for CF_Binding, CF_AppSession, CF_Session or CF_Device: 256 random bits, base64url. */
    static String randomValue() {
        byte[] bytes = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The form of such a value in tokens: base64url of its SHA-256. */
    public static String fingerprint(String value) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of(value));
    }

    private static String write(
            String name, String value, String path, @Nullable Instant expiresAt, boolean httpOnly, String sameSite) {
        return name + "=" + value + "; Path=" + safe(path)
                + (expiresAt == null ? "" : "; Expires=" + HTTP_DATE.format(expiresAt)) + "; Secure"
                + (httpOnly ? "; HttpOnly" : "") + "; SameSite=" + sameSite;
    }

    /** Replaces a path that is illegal in a cookie by the root, because it could inject a cookie attribute. */
    private static String safe(String path) {
        boolean plain = path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ';');
        return plain ? path : "/";
    }

    private static String sameSite(Application.SameSite sameSite) {
        return switch (sameSite) {
            case NONE -> "None";
            case LAX -> "Lax";
            case STRICT -> "Strict";
        };
    }
}
