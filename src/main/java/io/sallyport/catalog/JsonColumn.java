package io.sallyport.catalog;

import jakarta.persistence.AttributeConverter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes {@code jsonb}. Hibernate treats the value as immutable: replace a body, never change the tree that was read.
 */
@Immutable
final class JsonColumn implements AttributeConverter<JsonNode, String> {
    /** Decimals as they were written: {@code 1.10} must not come back as {@code 1.1}. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** A member's place in {@code jsonb}: the shorter name first, then by its bytes. */
    private static final Comparator<String> BY_PLACE = Comparator.<String>comparingInt(
                    name -> name.getBytes(StandardCharsets.UTF_8).length)
            .thenComparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    /**
     * A copy as {@code jsonb} will return it: with its order of members and its form of numbers. So a row that has just
     * been written has the same bytes, and the same entity tag, as when it is read later.
     */
    static JsonNode asStored(JsonNode tree) {
        return switch (tree) {
            case ObjectNode object -> {
                ObjectNode copy = object.objectNode();
                object.propertyNames().stream()
                        .sorted(BY_PLACE)
                        .forEach(name -> copy.set(name, asStored(object.get(name))));
                yield copy;
            }
            case ArrayNode array -> {
                ArrayNode copy = array.arrayNode();
                array.values().forEach(each -> copy.add(asStored(each)));
                yield copy;
            }
            case DecimalNode number -> MAPPER.readTree(number.decimalValue().toPlainString());
            default -> tree;
        };
    }

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable JsonNode tree) {
        return tree == null ? null : MAPPER.writeValueAsString(tree);
    }

    @Override
    public @Nullable JsonNode convertToEntityAttribute(@Nullable String text) {
        return text == null ? null : MAPPER.readTree(text);
    }
}
