package io.sallyport.token;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Base64url without padding in its one canonical spelling (RFC 4648 §3.5): what decodes encodes back to the same text (JW-05). */
final class StrictBase64 {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private StrictBase64() {}

    static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    /** Null for every other spelling, padding and white space included. */
    static byte @Nullable [] decode(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            return ENCODER.encodeToString(bytes).equals(text) ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
