package io.sallyport.session;

import io.sallyport.snapshot.AppPasses;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * App passes as requests carry them: the password of Basic authentication, a bearer token, a header of the
 * application's choice, or the cookie a one-time link left.
 *
 * @param shown passes in the request's header fields
 * @param cookies passes in cookies, which a browser may keep for longer than the pass is valid
 */
public record PassCredentials(List<String> shown, List<String> cookies) {
    /** None. */
    public static final PassCredentials NONE = new PassCredentials(List.of(), List.of());

    private static final int LONGEST = 1024;

    /** Copies the lists. */
    public PassCredentials {
        shown = List.copyOf(shown);
        cookies = List.copyOf(cookies);
    }

    /**
     * Reads the passes that were presented; values that do not look like a pass are ignored.
     *
     * @param authorization values of Authorization
     * @param header values of the application's own header
     */
    public static PassCredentials of(List<String> authorization, List<String> header, List<String> cookies) {
        List<String> shown = new ArrayList<>();
        authorization.forEach(value -> {
            String secret = inAuthorization(value);
            if (isPass(secret)) {
                shown.add(secret);
            }
        });
        header.stream().map(String::strip).filter(PassCredentials::isPass).forEach(shown::add);
        return shown.isEmpty() && cookies.isEmpty() ? NONE : new PassCredentials(shown, cookies);
    }

    /** Whether a value of Authorization carries a pass, which no origin may see. */
    public static boolean inAuthorizationIsPass(String value) {
        return isPass(inAuthorization(value));
    }

    /** Whether a text looks like a pass. */
    public static boolean isPass(String text) {
        return text.startsWith(AppPasses.PREFIX) && text.length() <= LONGEST;
    }

    @Override
    public String toString() {
        return "PassCredentials[" + shown.size() + " shown, " + cookies.size() + " cookies]";
    }

    private static String inAuthorization(String value) {
        if (value.length() > LONGEST) {
            return "";
        }
        if (value.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return value.substring(7).strip();
        }
        if (!value.regionMatches(true, 0, "Basic ", 0, 6)) {
            return "";
        }
        try {
            String pair =
                    new String(Base64.getDecoder().decode(value.substring(6).strip()), StandardCharsets.UTF_8);
            return pair.substring(pair.indexOf(':') + 1);
        } catch (IllegalArgumentException notBase64) {
            return "";
        }
    }
}
