package io.sallyport.scim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The operations of a PATCH (RFC 7644 §3.5.2) as Okta and Entra send them: capitalised verbs, operations without a path, paths as
 * member names of such an operation's value, and one value filter in a path.
 */
final class ScimPatch {
    private static final Pattern PATH = Pattern.compile(
            "(?:(urn:ietf:params:scim:schemas:[\\w:.]+?):)?([A-Za-z$][\\w$-]*)(?:\\[(\\w+)\\s+[eE][qQ]\\s+\"([^\"]*)\"\\])?(?:\\.(\\w+))?");
    private static final String CORE = "urn:ietf:params:scim:schemas:core:2.0:";
    private static final int MOST_OPERATIONS = 1000;

    private ScimPatch() {}

    /** What an operation does. */
    enum Verb {
        ADD,
        REPLACE,
        REMOVE
    }

    /**
     * Where it does it.
     *
     * @param schema of an extension, null in the core
     * @param selector attribute and value that choose among several elements, null for all
     * @param member below the attribute or element, null for the whole
     */
    record Path(
            @Nullable String schema,
            String attribute,
            Map.@Nullable Entry<String, String> selector,
            @Nullable String member) {
        static Path parse(String text) {
            Matcher path = PATH.matcher(text.strip());
            if (!path.matches()) {
                throw ScimProblem.path("not understood: " + text);
            }
            String schema = path.group(1);
            return new Path(
                    schema == null || schema.startsWith(CORE) ? null : schema,
                    schema == null || schema.startsWith(CORE) ? AttributeNames.of(path.group(2)) : path.group(2),
                    path.group(3) == null ? null : Map.entry(path.group(3), path.group(4)),
                    path.group(5));
        }

        boolean is(String name) {
            return schema == null && attribute.equalsIgnoreCase(name);
        }
    }

    /** One operation on one place. */
    record Operation(Verb verb, Path path, JsonNode value) {}

    /** Reads the operations, those without a path split by the members of their value. */
    static List<Operation> read(JsonNode body) {
        if (!(body.path("Operations") instanceof ArrayNode operations) || operations.size() > MOST_OPERATIONS) {
            throw ScimProblem.syntax("Operations must be a list of at most " + MOST_OPERATIONS);
        }
        List<Operation> read = new ArrayList<>();
        for (JsonNode each : operations) {
            Verb verb = verb(each.path("op").asString(""));
            String path = each.path("path").asString("");
            JsonNode value = each.path("value");
            if (!path.isEmpty()) {
                read.add(new Operation(verb, Path.parse(path), value));
            } else if (value instanceof ObjectNode members && verb != Verb.REMOVE) {
                members.properties().forEach(member -> read.addAll(spread(verb, member.getKey(), member.getValue())));
            } else {
                throw ScimProblem.path("an operation needs a path, or an object to add or replace");
            }
        }
        return read;
    }

    /** A member that is named by a schema holds the members of that extension. */
    private static List<Operation> spread(Verb verb, String name, JsonNode value) {
        if (name.equals("schemas") || name.equals("id") || name.equals("meta")) {
            return List.of();
        }
        if (name.startsWith("urn:") && value instanceof ObjectNode extension) {
            return extension.properties().stream()
                    .map(member -> new Operation(verb, new Path(name, member.getKey(), null, null), member.getValue()))
                    .toList();
        }
        return List.of(new Operation(verb, Path.parse(name), value));
    }

    private static Verb verb(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "add" -> Verb.ADD;
            case "replace" -> Verb.REPLACE;
            case "remove" -> Verb.REMOVE;
            default -> throw ScimProblem.syntax("op must be add, replace or remove");
        };
    }

    /** Changes a resource. */
    static void apply(ObjectNode resource, List<Operation> operations) {
        for (Operation operation : operations) {
            Path path = operation.path();
            ObjectNode holder = path.schema() == null ? resource : resource.withObjectProperty(path.schema());
            String name = spelled(holder, path.attribute());
            if (path.selector() != null) {
                inElements(holder, name, operation, path.selector());
            } else if (path.member() != null) {
                inObject(holder, name, operation, path.member());
            } else {
                whole(holder, name, operation);
            }
        }
    }

    private static void whole(ObjectNode holder, String name, Operation operation) {
        switch (operation.verb()) {
            case REMOVE -> holder.remove(name);
            case REPLACE -> holder.set(name, operation.value());
            case ADD -> add(holder, name, operation.value());
        }
    }

    /** Adds to lists and objects; replaces other values (RFC 7644 §3.5.2.1). */
    private static void add(ObjectNode holder, String name, JsonNode value) {
        JsonNode present = holder.get(name);
        if (present instanceof ArrayNode elements && value instanceof ArrayNode more) {
            for (JsonNode element : more) {
                if (!contains(elements, element)) {
                    elements.add(element);
                }
            }
        } else if (present instanceof ObjectNode members && value instanceof ObjectNode more) {
            members.setAll(more);
        } else {
            holder.set(name, value);
        }
    }

    private static void inObject(ObjectNode holder, String name, Operation operation, String member) {
        if (operation.verb() == Verb.REMOVE) {
            if (holder.get(name) instanceof ObjectNode present) {
                present.remove(member);
            }
        } else if (holder.get(name) == null || holder.get(name).isObject()) {
            holder.withObjectProperty(name).set(member, operation.value());
        } else {
            throw ScimProblem.path(name + " has no members");
        }
    }

    /** An element that is not there is made, as Entra expects of {@code emails[type eq "work"].value}. */
    private static void inElements(
            ObjectNode holder, String name, Operation operation, Map.Entry<String, String> selector) {
        ArrayNode elements =
                holder.get(name) instanceof ArrayNode present ? present : JsonNodeFactory.instance.arrayNode();
        String member = operation.path().member();
        List<ObjectNode> chosen = new ArrayList<>();
        for (JsonNode element : elements) {
            if (element instanceof ObjectNode object
                    && object.path(selector.getKey()).asString("").equalsIgnoreCase(selector.getValue())) {
                chosen.add(object);
            }
        }
        if (operation.verb() == Verb.REMOVE) {
            ArrayNode kept = JsonNodeFactory.instance.arrayNode();
            for (JsonNode element : elements) {
                boolean hit = chosen.contains(element);
                if (hit && member != null) {
                    ((ObjectNode) element).remove(member);
                }
                if (!hit || member != null) {
                    kept.add(element);
                }
            }
            holder.set(name, kept);
            return;
        }
        if (chosen.isEmpty()) {
            chosen.add(elements.addObject().put(selector.getKey(), selector.getValue()));
        }
        for (ObjectNode object : chosen) {
            if (member != null) {
                object.set(member, operation.value());
            } else if (operation.value() instanceof ObjectNode members) {
                object.setAll(members);
            } else {
                throw ScimProblem.invalid("an element must be an object");
            }
        }
        holder.set(name, elements);
    }

    private static boolean contains(ArrayNode elements, JsonNode wanted) {
        for (JsonNode element : elements) {
            if (element.equals(wanted)
                    || (wanted.path("value").isString() && wanted.path("value").equals(element.path("value")))) {
                return true;
            }
        }
        return false;
    }

    /** Attribute names are case-insensitive (RFC 7643 §2.1); the stored spelling is kept. */
    private static String spelled(ObjectNode holder, String name) {
        return holder.propertyNames().stream()
                .filter(name::equalsIgnoreCase)
                .findFirst()
                .orElse(name);
    }
}
