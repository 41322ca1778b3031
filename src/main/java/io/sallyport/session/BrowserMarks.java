package io.sallyport.session;

import io.sallyport.http.HostName;
import io.sallyport.identity.Audience;
import io.sallyport.token.Sealer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * Tells the team domain, by way of the browser, which browser an application's host sends to sign in: the hash of its CF_AppSession
 * ({@link SessionCookie#fingerprint}), and a keyed hash that makes it ours and good for this application on this host alone. The
 * result of the login is handed only to the browser that holds the cookie (OI-01).
 *
 * <p>It stands beside the signed {@code meta} rather than in it, so that one signature can serve everybody who opens the same page.
 */
public final class BrowserMarks {
    /** The query parameter of the login page. */
    public static final String PARAMETER = "app_session";

    private static final String PURPOSE = "session/browser-mark";
    private static final int HASH = 43;

    private final Sealer sealer;

    /** Marks that every replica with this sealer's key can read. */
    public BrowserMarks(Sealer sealer) {
        this.sealer = sealer;
    }

    /** Marks the browser whose CF_AppSession has this hash. */
    public String write(Audience audience, HostName host, String fingerprint) {
        return fingerprint + "." + keyed(audience, host, fingerprint);
    }

    /** The hash in a mark that was written here, for this application on this host. */
    public Optional<String> read(Audience audience, HostName host, String mark) {
        if (mark.length() != 2 * HASH + 1 || mark.charAt(HASH) != '.') {
            return Optional.empty();
        }
        String fingerprint = mark.substring(0, HASH);
        String expected = keyed(audience, host, fingerprint);
        return MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8),
                        mark.substring(HASH + 1).getBytes(StandardCharsets.UTF_8))
                ? Optional.of(fingerprint)
                : Optional.empty();
    }

    private String keyed(Audience audience, HostName host, String fingerprint) {
        String what = audience.value() + " " + host.value() + " " + fingerprint;
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(sealer.mac(PURPOSE, what.getBytes(StandardCharsets.UTF_8)));
    }
}
