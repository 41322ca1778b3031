package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.session.SessionCookie;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The CF_Session cookie: one per browser, not per tab, so that ten tabs may log in at once (CS-11). Every pending login
 * carries its hash; a response that arrives in another browser is ignored (OI-01).
 */
final class LoginSession {
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final String value;

    private LoginSession(String value) {
        this.value = value;
    }

    /** The browser's session, or a new one when it has no well-formed cookie. */
    static LoginSession of(Visit visit, Seals seals) {
        return values(visit).stream()
                .findFirst()
                .map(LoginSession::new)
                .orElseGet(() -> new LoginSession(seals.random()));
    }

    /** The session of this browser whose hash a pending login carries; a sibling host may have planted others. */
    static Optional<LoginSession> matching(Visit visit, String hash) {
        return values(visit).stream()
                .filter(value -> Seals.same(Seals.hash(value), hash))
                .findFirst()
                .map(LoginSession::new);
    }

    /** What pending logins carry. */
    String hash() {
        return Seals.hash(value);
    }

    /** The Set-Cookie value that sets or prolongs it. */
    String cookie(Visit visit) {
        return SessionCookie.loginSession(value, visit.now());
    }

    private static List<String> values(Visit visit) {
        return visit.cookies().values(AccessHeaders.SESSION_COOKIE).stream()
                .filter(value -> VALUE.matcher(value).matches())
                .distinct()
                .toList();
    }
}
