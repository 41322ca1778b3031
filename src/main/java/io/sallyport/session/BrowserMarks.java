package io.sallyport.session;

import io.sallyport.http.HostName;
import io.sallyport.identity.Audience;
import io.sallyport.token.Sealer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * A query parameter that tells the team domain which browser an application's host sends to sign in: the hash of its
 * CF_AppSession ({@link SessionCookie#fingerprint}), authenticated by a MAC that binds it to this application and host.
 * Only the browser that holds the cookie gets the result of the login (OI-01).
 *
 * <p>It is separate from the signed {@code meta}, so that one signed meta can be reused for everybody who opens the
 * same page.
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

    /** The hash, if the mark is genuine and was written for this application and host. */
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
