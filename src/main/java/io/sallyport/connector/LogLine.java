package io.sallyport.connector;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One line of the log as it is sent to a remote reader. What looks like a credential is masked: an exception's message
 * may quote input, and a reader of the log need not have access to the application.
 *
 * @param fields names and values in turn
 */
record LogLine(Instant at, ConnectorLog.Level level, Kind kind, String message, List<String> fields) {
    /** What a line is about, in cloudflared's words. */
    enum Kind {
        /** The connector itself. */
        CLOUDFLARED,
        HTTP,
        TCP,
        UDP;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Optional<Kind> of(String word) {
            for (Kind kind : values()) {
                if (kind.word().equals(word)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    private static final String MASK = "***";
    private static final Pattern CREDENTIALS = Pattern.compile("eyJ[\\w-]{4,}(\\.[\\w-]*){0,4}={0,2}"
            + "|(?i:\\b(?:bearer|basic)\\s+)[^\\s\"',]+"
            + "|(?i:(?:token|secret|password|authorization)[\"']?\\s*[=:]\\s*(?:(?:bearer|basic)\\s+)?)[^\\s\"'&,]+"
            + "|(?<=://)[^/@\\s]+(?=@)");

    /** The line as it is sent. Fatal lines are sent as errors, because readers know no such level. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("time", at.toString());
        json.put(
                "level",
                (level == ConnectorLog.Level.FATAL ? ConnectorLog.Level.ERROR : level)
                        .name()
                        .toLowerCase(Locale.ROOT));
        json.put("message", masked(message));
        json.put("event", kind.word());
        Map<String, String> named = new LinkedHashMap<>();
        for (int i = 0; i + 1 < fields.size(); i += 2) {
            named.put(fields.get(i), masked(fields.get(i + 1)));
        }
        json.put("fields", named);
        return json;
    }

    static String masked(String text) {
        return CREDENTIALS.matcher(text).replaceAll(MASK);
    }
}
