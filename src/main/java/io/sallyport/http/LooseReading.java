package io.sallyport.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A canonical path as the most lenient origin could read it (PN-02): escapes decoded repeatedly, backslashes as
 * slashes, parameters removed, dot segments resolved, letter case ignored. It is never forwarded, only checked, so that
 * another spelling of a path cannot bypass a rule.
 */
final class LooseReading {
    private static final Pattern SLASHES = Pattern.compile("[/\\\\]");

    private LooseReading() {}

    /** The reading of a path. The usual path is its own, and costs one look. */
    static String of(String path) {
        if (path.indexOf('%') < 0) {
            return withoutCase(path); // canonical, so there are no dots, parameters or doubled slashes to resolve
        }
        return withoutCase(resolved(decodedToTheEnd(path)));
    }

    /** The reading of a part of a path pattern, which is too short to be resolved. */
    static String ofPart(String part) {
        return withoutCase(decodedToTheEnd(part));
    }

    private static String resolved(String decoded) {
        Deque<String> segments = new ArrayDeque<>();
        String last = "";
        for (String part : SLASHES.split(decoded, -1)) {
            int parameters = part.indexOf(';');
            last = parameters < 0 ? part : part.substring(0, parameters);
            if (last.equals("..")) {
                segments.pollLast();
            } else if (!last.isEmpty() && !last.equals(".")) {
                segments.add(last);
            }
        }
        boolean isFolder = last.isEmpty() || last.equals(".") || last.equals("..");
        return "/" + String.join("/", segments) + (isFolder && !segments.isEmpty() ? "/" : "");
    }

    /** Decodes again whenever a decoded character completes another escape; each character is looked at a bounded number of times. */
    private static String decodedToTheEnd(String text) {
        StringBuilder decoded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            decoded.append(text.charAt(i));
            int escape = decoded.length() - 3;
            while (escape >= 0 && decoded.charAt(escape) == '%') {
                int b = PathReader.decode(decoded, escape);
                if (b < 0) {
                    break;
                }
                decoded.setLength(escape);
                decoded.append((char) b);
                escape = decoded.length() - 3;
            }
        }
        return decoded.toString();
    }

    /** Upper case first, because some letters meet there only; octets beyond ASCII are UTF-8 to whoever knows letters at all. */
    private static String withoutCase(String octets) {
        boolean plain = true;
        boolean lower = true;
        for (int i = 0; i < octets.length(); i++) {
            char c = octets.charAt(i);
            plain &= c < 0x80;
            lower &= c < 'A' || c > 'Z';
        }
        if (plain) {
            return lower ? octets : octets.toLowerCase(Locale.ROOT);
        }
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }
}
