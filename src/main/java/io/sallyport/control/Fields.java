package io.sallyport.control;

import io.sallyport.http.GoDuration;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One JSON object of a request, read field by field. A member that is null, and an empty text, count as absent: older clients
 * send both for what they do not set. Every complaint names the field by JSON pointer.
 */
final class Fields {
    private final ObjectNode json;
    private final String pointer;

    private Fields(ObjectNode json, String pointer) {
        this.json = json;
        this.pointer = pointer;
    }

    /** The body itself. */
    static Fields of(ObjectNode json) {
        return new Fields(json, "");
    }

    /** An object inside the body. */
    static Fields at(JsonNode node, String pointer) {
        if (node instanceof ObjectNode object) {
            return new Fields(object, pointer);
        }
        throw ApiProblem.invalid(pointer, "must be an object");
    }

    /** The members as sent. */
    ObjectNode json() {
        return json;
    }

    /** Where this object stands in the body; empty for the body itself. */
    String pointer() {
        return pointer;
    }

    /** The pointer of one member. */
    String pointerTo(String name) {
        return pointer + "/" + StrictJson.escape(name);
    }

    /** A complaint about one member. */
    ApiProblem invalid(String name, String detail) {
        return ApiProblem.invalid(pointerTo(name), detail);
    }

    /** Whether a member is there and says something. */
    boolean has(String name) {
        JsonNode value = json.get(name);
        return value != null
                && !value.isNull()
                && !(value.isString() && value.stringValue().isEmpty());
    }

    /** Whether a member is there at all, if only as null: what a merging update clears. */
    boolean mentions(String name) {
        return json.has(name);
    }

    /** A text of at most so many characters. */
    Optional<String> text(String name, int longest) {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = json.get(name);
        if (!value.isString()) {
            throw invalid(name, "must be a text");
        }
        if (value.stringValue().length() > longest) {
            throw invalid(name, "must have at most " + longest + " characters");
        }
        return Optional.of(value.stringValue());
    }

    /** A text on one line, without control characters: what is shown, logged and mailed. */
    Optional<String> line(String name, int longest) {
        Optional<String> text = text(name, longest);
        if (text.isPresent() && text.get().chars().anyMatch(Character::isISOControl)) {
            throw invalid(name, "must not hold control characters");
        }
        return text;
    }

    /** A line that must be there. */
    String requiredLine(String name, int longest) {
        return line(name, longest).filter(text -> !text.isBlank()).orElseThrow(() -> invalid(name, "is required"));
    }

    /** One of the given words. */
    Optional<String> oneOf(String name, Set<String> words) {
        Optional<String> text = text(name, 100);
        if (text.isPresent() && !words.contains(text.get())) {
            throw invalid(
                    name,
                    "must be one of "
                            + String.join(", ", words.stream().sorted().toList()));
        }
        return text;
    }

    /** True or false. */
    Optional<Boolean> flag(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        if (!json.get(name).isBoolean()) {
            throw invalid(name, "must be true or false");
        }
        return Optional.of(json.get(name).booleanValue());
    }

    /** True or false; absent is false. */
    boolean isSet(String name) {
        return flag(name).orElse(false);
    }

    /** A whole number in a range. */
    Optional<Integer> integer(String name, int min, int max) {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = json.get(name);
        if (!value.isNumber() || value.decimalValue().stripTrailingZeros().scale() > 0) {
            throw invalid(name, "must be a whole number");
        }
        double number = value.doubleValue();
        if (number < min || number > max) {
            throw invalid(name, "must be from " + min + " to " + max);
        }
        return Optional.of((int) number);
    }

    /** A Go duration such as {@code 24h} or {@code 1h30m} between two bounds. */
    Optional<Duration> duration(String name, Duration min, Duration max) {
        Optional<String> text = text(name, 40);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Duration duration = GoDuration.parse(text.get())
                .orElseThrow(() -> invalid(name, "must be a duration such as 30m, 24h or 1h30m"));
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw invalid(name, "must be from " + GoDuration.format(min) + " to " + GoDuration.format(max));
        }
        return Optional.of(duration);
    }

    /** A moment in RFC 3339. */
    Optional<Instant> instant(String name) {
        Optional<String> text = text(name, 50);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text.get()).toInstant());
        } catch (DateTimeParseException e) {
            throw invalid(name, "must be a time such as 2026-01-31T12:00:00Z");
        }
    }

    /** An absolute http or https address without user information. */
    Optional<URI> webAddress(String name) {
        Optional<String> text = line(name, 2048);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text.get());
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("https") || scheme.equals("http"))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null) {
                return Optional.of(uri);
            }
        } catch (URISyntaxException e) {
            // Answered below.
        }
        throw invalid(name, "must be an http or https address such as https://www.example.com, without a user name");
    }

    /** A UUID, in lower case. */
    Optional<UUID> uuid(String name) {
        Optional<String> text = text(name, 100);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Ids.parse(text.get()).orElseThrow(() -> invalid(name, "must be a UUID")));
    }

    /** An object. */
    Optional<Fields> object(String name) {
        return has(name) ? Optional.of(at(json.get(name), pointerTo(name))) : Optional.empty();
    }

    /** A list of anything; absent is empty. */
    List<JsonNode> list(String name, int longest) {
        if (!has(name)) {
            return List.of();
        }
        if (!(json.get(name) instanceof ArrayNode array)) {
            throw invalid(name, "must be a list");
        }
        if (array.size() > longest) {
            throw invalid(name, "must have at most " + longest + " entries");
        }
        return List.copyOf(array.values());
    }

    /** A list of objects. */
    List<Fields> objects(String name, int longest) {
        List<JsonNode> nodes = list(name, longest);
        List<Fields> objects = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            objects.add(at(nodes.get(i), pointerTo(name) + "/" + i));
        }
        return objects;
    }

    /** A list of lines. */
    List<String> lines(String name, int longestList, int longestLine) {
        List<JsonNode> nodes = list(name, longestList);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            JsonNode node = nodes.get(i);
            String where = pointerTo(name) + "/" + i;
            if (!node.isString()) {
                throw ApiProblem.invalid(where, "must be a text");
            }
            String line = node.stringValue();
            if (line.isBlank() || line.length() > longestLine || line.chars().anyMatch(Character::isISOControl)) {
                throw ApiProblem.invalid(where, "must be a line of 1 to " + longestLine + " characters");
            }
            lines.add(line);
        }
        return lines;
    }

    /** A list of different UUIDs. */
    List<UUID> uuids(String name, int longest) {
        List<String> lines = lines(name, longest, 100);
        List<UUID> ids = new ArrayList<>();
        Set<UUID> seen = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            String where = pointerTo(name) + "/" + i;
            UUID id = Ids.parse(lines.get(i)).orElseThrow(() -> ApiProblem.invalid(where, "must be a UUID"));
            if (!seen.add(id)) {
                throw ApiProblem.invalid(where, "is there twice");
            }
            ids.add(id);
        }
        return ids;
    }

    /**
     * A copy of what was sent, without absent members, what only the server writes, and what is stored elsewhere: the part of an
     * object that is kept and returned as it came.
     */
    ObjectNode keptExcept(Set<String> names) {
        ObjectNode kept = json.deepCopy();
        kept.remove(names);
        for (String name : List.copyOf(kept.propertyNames())) {
            if (!has(name)) {
                kept.remove(name);
            }
        }
        return kept;
    }
}
