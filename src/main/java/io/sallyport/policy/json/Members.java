package io.sallyport.policy.json;

import io.sallyport.policy.PolicyProblem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The members of one JSON object: each is asked for by name, and what nobody asked for is refused (PN-11). */
final class Members {
    private static final int LONGEST = 4096;

    private final JsonNode object;
    private final String place;
    private final @Nullable String key;

    /** Few, and searched in turn: a set for each of a hundred thousand rules is most of what reading them costs. */
    private final List<String> known = new ArrayList<>(3);

    private Members(JsonNode object, String place, @Nullable String key) {
        this.object = object;
        this.place = place;
        this.key = key;
    }

    static Members of(JsonNode node, String pointer) {
        return new Members(node, pointer, null).requireObject();
    }

    /** The members of what stands under a key of the object at the place. */
    static Members in(JsonNode node, String place, String key) {
        return new Members(node, place, key);
    }

    /** The same, if it is an object. */
    Members requireObject() {
        if (!object.isObject()) {
            throw new PolicyProblem(pointer(), "must be an object");
        }
        return this;
    }

    private String pointer() {
        return key == null ? place : place + "/" + escaped(key);
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    /** @param selectors those there are */
    PolicyProblem notASelector(Collection<String> selectors) {
        return new PolicyProblem(
                pointer(),
                "is not a selector; known are " + selectors.stream().sorted().collect(Collectors.joining(", ")));
    }

    /** Ends reading: a misspelt or additional member must not be ignored, because a rule without it may mean more. */
    <T> T only(T read) {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw problem(name, "is not a member of this selector");
            }
        }
        return read;
    }

    String text(String name) {
        return optionalText(name).orElseThrow(() -> problem(name, "is required"));
    }

    Optional<String> optionalText(String name) {
        known.add(name);
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()
                || value.stringValue().isBlank()
                || value.stringValue().length() > LONGEST) {
            throw problem(name, "must be a string that is not empty");
        }
        return Optional.of(value.stringValue());
    }

    /** Reads a string by a parser that complains with {@link IllegalArgumentException}. */
    <T> T parsed(String name, Function<String, T> parser) {
        String text = text(name);
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw problem(name, String.valueOf(e.getMessage()));
        }
    }

    /** Reads an id; {@code UUID.fromString} alone would take {@code 1-1-1-1-1}. */
    <T> T id(String name, Function<String, T> parser) {
        String text = text(name);
        if (text.length() != 36) {
            throw problem(name, "must be a UUID");
        }
        try {
            return parser.apply(text.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw problem(name, "must be a UUID");
        }
    }

    URI url(String name) {
        String text = text(name);
        try {
            URI uri = new URI(text);
            boolean web = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
            if (web && uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw problem(name, "must be an absolute URL");
        }
        throw problem(name, "must be an absolute https URL");
    }

    /** Reads an object whose members are a string or several; absent is empty. */
    Map<String, Set<String>> valuesByName(String name) {
        known.add(name);
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw problem(name, "must be an object");
        }
        Map<String, Set<String>> values = new HashMap<>();
        node.properties().forEach(member -> {
            Set<String> wanted = new HashSet<>();
            JsonNode value = member.getValue();
            (value.isArray() ? value.values() : List.of(value)).forEach(each -> {
                if (!each.isString() || each.stringValue().isEmpty()) {
                    throw problem(name, member.getKey() + " must be a string or several");
                }
                wanted.add(each.stringValue());
            });
            if (wanted.isEmpty()) {
                throw problem(name, member.getKey() + " needs a value");
            }
            values.put(member.getKey(), Set.copyOf(wanted));
        });
        return values;
    }

    /** Notes members that are stored and returned but not looked into. */
    Members known(Set<String> names) {
        known.addAll(names);
        return this;
    }

    PolicyProblem problem(String name, String message) {
        return new PolicyProblem(pointer() + "/" + escaped(name), message);
    }
}
