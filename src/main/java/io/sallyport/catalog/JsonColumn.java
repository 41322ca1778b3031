package io.sallyport.catalog;

import jakarta.persistence.AttributeConverter;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes {@code jsonb}. Hibernate treats the value as immutable: replace a body, never change the tree that was read.
 */
@Immutable
final class JsonColumn implements AttributeConverter<JsonNode, String> {
    /** Decimals as they were written: {@code 1.10} must not come back as {@code 1.1}. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable JsonNode tree) {
        return tree == null ? null : MAPPER.writeValueAsString(tree);
    }

    @Override
    public @Nullable JsonNode convertToEntityAttribute(@Nullable String text) {
        return text == null ? null : MAPPER.readTree(text);
    }
}
