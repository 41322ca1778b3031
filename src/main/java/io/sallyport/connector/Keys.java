package io.sallyport.connector;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Reads typed values from one object of a configuration. A value of the wrong type causes an error with the key's name.
 *
 * @param where the path of this object, for messages
 */
record Keys(String where, JsonNode object, Spelling spelling) {
    /** @throws InvalidConfiguration when the value is neither absent nor an object */
    static Keys of(String where, JsonNode value, Spelling spelling) {
        if (!value.isObject() && !isAbsent(value)) {
            throw new InvalidConfiguration("%s: expected keys and values, found %s".formatted(where, kind(value)));
        }
        return new Keys(where, value, spelling);
    }

    String text(String key, String otherwise) {
        JsonNode value = object.path(key);
        if (value.isContainer()) {
            throw wrong(key, "string", value);
        }
        return isAbsent(value) ? otherwise : value.asString();
    }

    boolean flag(String key, boolean otherwise) {
        JsonNode value = object.path(key);
        if (!isAbsent(value) && !value.isBoolean()) {
            throw wrong(key, "bool", value);
        }
        return isAbsent(value) ? otherwise : value.booleanValue();
    }

    int number(String key, int otherwise) {
        JsonNode value = object.path(key);
        if (isAbsent(value)) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
            throw wrong(key, "int", value);
        }
        return value.intValue();
    }

    Duration duration(String key, Duration otherwise) {
        JsonNode value = object.path(key);
        return isAbsent(value) ? otherwise : spelling.duration(name(key), value);
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (JsonNode each : list(key)) {
            if (!each.isString()) {
                throw wrong(key, "string slice", object.path(key));
            }
            texts.add(each.stringValue());
        }
        return List.copyOf(texts);
    }

    List<JsonNode> list(String key) {
        JsonNode value = object.path(key);
        if (!isAbsent(value) && !value.isArray()) {
            throw wrong(key, "slice", value);
        }
        return value.valueStream().toList();
    }

    Keys object(String key) {
        return of(name(key), object.path(key), spelling);
    }

    String name(String key) {
        return where.isEmpty() ? key : where + "." + key;
    }

    private InvalidConfiguration wrong(String key, String expected, JsonNode found) {
        return new InvalidConfiguration("expected %s found %s for %s".formatted(expected, kind(found), name(key)));
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "string";
            case BOOLEAN -> "bool";
            case NUMBER -> value.isIntegralNumber() ? "int" : "float";
            case ARRAY -> "slice";
            case OBJECT -> "map";
            case NULL, MISSING -> "nothing";
            case BINARY, POJO -> "binary";
        };
    }
}
