package io.sallyport.tunnel.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A response's header fields in one field, over HTTP/2: pairs of base64 without padding, a pair for each
 * value. The result has not passed an HTTP parser: the caller must check names and values before using them (TU-05).
 */
public final class SerializedHeaders {
    /** A header field, names and values as they came. */
    public record Field(String name, String value) {}

    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getDecoder();
    private static final int MOST = 4096;

    private SerializedHeaders() {}

    /** Encodes fields; characters are bytes of ISO-8859-1, as in HTTP. */
    public static String write(List<Field> fields) {
        StringBuilder out = new StringBuilder();
        for (Field field : fields) {
            if (!out.isEmpty()) {
                out.append(';');
            }
            out.append(encode(field.name())).append(':').append(encode(field.value()));
        }
        return out.toString();
    }

    /** @throws WireRefusal when the text is not such a list */
    public static List<Field> read(String text) {
        List<Field> fields = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf(';', start);
            end = end < 0 ? text.length() : end;
            if (end > start) {
                if (fields.size() == MOST) {
                    throw new WireRefusal("more than " + MOST + " header fields");
                }
                fields.add(pair(text, start, end));
            }
            start = end + 1;
        }
        return List.copyOf(fields);
    }

    private static Field pair(String text, int start, int end) {
        int colon = text.indexOf(':', start);
        if (colon < 0 || colon >= end || text.lastIndexOf(':', end - 1) != colon) {
            throw new WireRefusal("a header field is not a pair");
        }
        return new Field(decode(text.substring(start, colon)), decode(text.substring(colon + 1, end)));
    }

    private static String encode(String text) {
        return ENCODER.encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String decode(String text) {
        if (text.endsWith("=")) {
            throw new WireRefusal("a header field is padded");
        }
        try {
            return new String(DECODER.decode(text), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException e) {
            throw new WireRefusal("a header field is not base64");
        }
    }
}
