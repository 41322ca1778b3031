package io.sallyport.control;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/**
 * A zone file on its way in (RFC 1035 §5): the fields {@code file} and {@code proxied} of a form, as stock clients send it, or the
 * text alone. Forms are read as RFC 7578 has them, and with bare line feeds too, which is how Go's older client ends its lines.
 *
 * @param proxied whether names that lead to hosts are proxied where the file does not say
 */
record ZoneUpload(String text, boolean proxied) {
    private static final String FILE = "file";
    private static final String PROXIED = "proxied";
    private static final Pattern HEAD_END = Pattern.compile("\r?\n\r?\n");
    private static final Pattern NAME =
            Pattern.compile("(?i)^content-disposition:[^\r\n]*[; ]name=\"?([^\";\r\n]*)\"?", Pattern.MULTILINE);

    /** Reads a body. */
    static ZoneUpload read(@Nullable MediaType type, byte[] body) {
        String text = text(body);
        if (type == null || !type.isCompatibleWith(MediaType.MULTIPART_FORM_DATA)) {
            return new ZoneUpload(text, false);
        }
        Map<String, String> fields = fields(boundary(type), text);
        String file = fields.get(FILE);
        if (file == null) {
            throw ApiProblem.invalid("/file", "is required: a form's field with the zone file");
        }
        return new ZoneUpload(
                file,
                switch (fields.getOrDefault(PROXIED, "false")) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw ApiProblem.invalid("/proxied", "must be true or false");
                });
    }

    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ApiProblem.invalid("/file", "is not valid UTF-8");
        }
    }

    private static String boundary(MediaType type) {
        return Optional.ofNullable(type.getParameter("boundary"))
                .map(text -> text.replaceAll("^\"|\"$", ""))
                .filter(text -> !text.isEmpty() && text.length() <= 70) // RFC 2046 §5.1.1
                .orElseThrow(() -> ApiProblem.invalid("", "the form's Content-Type names no boundary"));
    }

    private static Map<String, String> fields(String boundary, String text) {
        Matcher line = Pattern.compile("(?:^|\r?\n)--" + Pattern.quote(boundary) + "(--)?[ \t]*(?=\r?\n|$)")
                .matcher(text);
        Map<String, String> fields = new LinkedHashMap<>();
        int begun = -1;
        while (line.find()) {
            if (begun >= 0) {
                put(fields, text.substring(begun, line.start()));
            }
            if (line.group(1) != null) {
                return fields;
            }
            begun = line.end();
        }
        throw ApiProblem.invalid("", "the form does not come to its end, its last boundary");
    }

    private static void put(Map<String, String> fields, String part) {
        Matcher end = HEAD_END.matcher(part);
        Matcher name = NAME.matcher(end.find() ? part.substring(0, end.start()) : "");
        if (!name.find() || fields.putIfAbsent(name.group(1), part.substring(end.end())) != null) {
            throw ApiProblem.invalid("", "each field of the form must have a name, and each name one field");
        }
    }
}
