package io.sallyport.control;

import java.net.URI;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * Checks a value against the part of JSON Schema 2020-12 that our OpenAPI document and the one file's schema use. A keyword it does not know is an error, so
 * that nothing passes unchecked.
 */
final class JsonShape {
    private static final Set<String> NOTES =
            Set.of("description", "readOnly", "writeOnly", "default", "title", "$schema", "$defs");

    private final JsonNode document;
    private final List<String> errors = new ArrayList<>();

    private JsonShape(JsonNode document) {
        this.document = document;
    }

    /** What is wrong, each with its place. */
    static List<String> errors(JsonNode document, JsonNode schema, JsonNode value) {
        JsonShape check = new JsonShape(document);
        check.check(schema, value, "");
        return check.errors;
    }

    private void check(JsonNode schema, JsonNode value, String at) {
        schema.properties().forEach(keyword -> check(keyword.getKey(), keyword.getValue(), schema, value, at));
    }

    private void check(String keyword, JsonNode says, JsonNode schema, JsonNode value, String at) {
        switch (keyword) {
            case "$ref" -> check(document.at(says.asString().substring(1)), value, at);
            case "type" -> require(isOneOf(says, value), at, "is no " + says);
            case "const" -> require(says.equals(value), at, "is not " + says);
            case "enum" -> require(says.values().contains(value), at, "is none of " + says);
            case "required" ->
                says.forEach(name -> require(!value.isObject() || value.has(name.asString()), at, "lacks " + name));
            case "properties" ->
                says.properties().forEach(member -> {
                    if (value.has(member.getKey())) {
                        check(member.getValue(), value.get(member.getKey()), at + "/" + member.getKey());
                    }
                });
            case "additionalProperties" ->
                value.properties().stream()
                        .filter(member -> !schema.path("properties").has(member.getKey()))
                        .forEach(member -> {
                            require(!says.isBoolean() || says.booleanValue(), at, "declares no " + member.getKey());
                            if (says.isObject()) {
                                check(says, member.getValue(), at + "/" + member.getKey());
                            }
                        });
            case "items" -> {
                for (int i = 0; value.isArray() && i < value.size(); i++) {
                    check(says, value.get(i), at + "/" + i);
                }
            }
            case "anyOf" ->
                require(
                        says.values().stream()
                                .anyMatch(each -> errors(document, each, value).isEmpty()),
                        at,
                        "is none of the alternatives");
            case "oneOf" ->
                require(
                        says.values().stream()
                                        .filter(each ->
                                                errors(document, each, value).isEmpty())
                                        .count()
                                == 1,
                        at,
                        "is not exactly one of the alternatives");
            case "uniqueItems" ->
                require(new HashSet<>(value.values()).size() == value.size(), at, "has an entry twice");
            case "minItems" -> require(value.size() >= says.intValue(), at, "has too few entries");
            case "maxItems" -> require(value.size() <= says.intValue(), at, "has too many entries");
            case "minProperties" -> require(value.size() >= says.intValue(), at, "has too few members");
            case "maxProperties" -> require(value.size() <= says.intValue(), at, "has too many members");
            case "minLength" ->
                require(!value.isString() || value.asString().length() >= says.intValue(), at, "is too short");
            case "maxLength" ->
                require(!value.isString() || value.asString().length() <= says.intValue(), at, "is too long");
            case "minimum" -> require(value.doubleValue() >= says.doubleValue(), at, "is too small");
            case "maximum" -> require(value.doubleValue() <= says.doubleValue(), at, "is too large");
            case "pattern" ->
                require(
                        !value.isString() || value.asString().matches(".*(?:" + says.asString() + ").*"),
                        at,
                        "does not match");
            case "format" ->
                require(!value.isString() || hasFormat(says.asString(), value.asString()), at, "is no " + says);
            default -> require(NOTES.contains(keyword), at, "is checked by an unknown keyword " + keyword);
        }
    }

    private static boolean isOneOf(JsonNode types, JsonNode value) {
        return types.isArray()
                ? types.values().stream().anyMatch(type -> is(type.asString(), value))
                : is(types.asString(), value);
    }

    private static boolean is(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "null" -> value.isNull();
            default -> false;
        };
    }

    private static boolean hasFormat(String format, String text) {
        try {
            return switch (format) {
                case "uuid" -> UUID.fromString(text).toString().equals(text);
                case "date-time" -> OffsetDateTime.parse(text).getYear() > 0;
                case "uri" -> URI.create(text).isAbsolute();
                default -> false;
            };
        } catch (IllegalArgumentException | DateTimeParseException e) {
            return false;
        }
    }

    private void require(boolean fine, String at, String complaint) {
        if (!fine) {
            errors.add((at.isEmpty() ? "the answer" : at) + " " + complaint);
        }
    }
}
