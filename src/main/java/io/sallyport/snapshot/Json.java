package io.sallyport.snapshot;

import io.sallyport.http.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One stored object, read member by member; what cannot be read is a problem with a pointer. */
record Json(JsonNode node, String pointer) {
    private static final Pattern COLOUR = Pattern.compile("#[0-9a-fA-F]{6}");
    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** A member that cannot be understood. */
    static final class Unreadable extends RuntimeException {
        private final String pointer;

        Unreadable(String pointer, String message) {
            super(message);
            this.pointer = pointer;
        }

        String pointer() {
            return pointer;
        }
    }

    static Json parse(String text) {
        return new Json(MAPPER.readTree(text), "");
    }

    Json member(String name) {
        return new Json(node.path(name), pointer + "/" + name);
    }

    boolean absent() {
        return node.isMissingNode() || node.isNull();
    }

    List<Json> elements() {
        List<Json> all = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            all.add(new Json(node.path(i), pointer + "/" + i));
        }
        return all;
    }

    boolean flag(String name, boolean byDefault) {
        Json member = member(name);
        if (member.absent()) {
            return byDefault;
        }
        if (!member.node.isBoolean()) {
            throw member.unreadable("must be true or false");
        }
        return member.node.booleanValue();
    }

    /** The text; null when absent or empty. */
    @Nullable
    String text(String name) {
        Json member = member(name);
        if (member.absent()) {
            return null;
        }
        if (!member.node.isString()) {
            throw member.unreadable("must be a string");
        }
        String text = member.node.stringValue();
        return text.isEmpty() ? null : text;
    }

    String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw member(name).unreadable("is required");
        }
        return text;
    }

    /** The list; empty when absent. */
    List<String> texts(String name) {
        return member(name).elements().stream()
                .map(each -> {
                    if (!each.node.isString()) {
                        throw each.unreadable("must be a string");
                    }
                    return each.node.stringValue();
                })
                .toList();
    }

    @Nullable
    Duration duration(String name) {
        String text = text(name);
        return text == null
                ? null
                : GoDuration.parse(text)
                        .orElseThrow(() -> member(name).unreadable("must be a duration such as 30m, 24h or 0s"));
    }

    @Nullable
    Integer number(String name) {
        Json member = member(name);
        if (member.absent()) {
            return null;
        }
        if (!member.node.canConvertToInt()) {
            throw member.unreadable("must be a whole number");
        }
        return member.node.intValue();
    }

    /** A colour as {@code #rrggbb}; null when absent. Anything else could smuggle style into our pages. */
    @Nullable
    String colour(String name) {
        String text = text(name);
        if (text != null && !COLOUR.matcher(text).matches()) {
            throw member(name).unreadable("must be a colour such as #1a2b3c");
        }
        return text;
    }

    /** Reads by a parser that explains itself by {@link IllegalArgumentException}. */
    <T> @Nullable T parsed(String name, Function<String, T> parser) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException bad) {
            throw member(name).unreadable(String.valueOf(bad.getMessage()));
        }
    }

    Unreadable unreadable(String message) {
        return new Unreadable(pointer, message);
    }
}
