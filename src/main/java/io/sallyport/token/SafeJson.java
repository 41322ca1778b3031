package io.sallyport.token;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON objects from strangers: bounded depth, valid UTF-8, no repeated names, no NUL, which no database of ours keeps; anything
 * else is null, never an exception.
 */
final class SafeJson {
    private static final int DEEPEST = 16;

    private SafeJson() {}

    static @Nullable Map<String, Object> object(byte[] utf8) {
        try {
            return object(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    static @Nullable Map<String, Object> object(String json) {
        if (!harmless(json)) {
            return null;
        }
        try {
            return JSONObjectUtils.parse(json);
        } catch (ParseException | RuntimeException e) {
            return null;
        }
    }

    /** Counts brackets outside strings before any parser recurses into them, and looks for NUL within strings. */
    private static boolean harmless(String json) {
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                    if (json.startsWith("u0000", i)) {
                        return false;
                    }
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if ((c == '{' || c == '[') && ++depth > DEEPEST) {
                return false;
            } else if (c == '}' || c == ']') {
                depth--;
            }
        }
        return true;
    }
}
