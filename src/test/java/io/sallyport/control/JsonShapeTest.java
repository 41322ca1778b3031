package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The judge of the contract is judged first. */
class JsonShapeTest {
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"type": "object", "required": ["a"]} | {"a": 1} |
            {"type": "object", "required": ["a"]} | {} | lacks
            {"type": ["string", "null"]} | null |
            {"type": ["string", "null"]} | 1 | is no
            {"properties": {"a": {"type": "integer"}}} | {"a": 1.5} | /a is no
            {"properties": {"a": {}}, "additionalProperties": false} | {"b": 1} | declares no b
            {"additionalProperties": {"enum": ["x"]}} | {"b": "y"} | /b is none of
            {"type": "array", "items": {"const": true}, "maxItems": 1} | [true] |
            {"type": "array", "items": {"const": true}} | [true, false] | /1 is not
            {"maxItems": 0} | [1] | too many
            {"$ref": "#/defs/id"} | "00000000-0000-4000-8000-000000000000" |
            {"$ref": "#/defs/id"} | "x" | is no
            {"format": "date-time"} | "2026-01-31T12:00:00Z" |
            {"format": "date-time"} | "yesterday" | is no
            {"pattern": "^[0-9]+$"} | "12a" | does not match
            {"anyOf": [{"type": "string"}, {"type": "object", "required": ["x"]}]} | {"y": 1} | alternatives
            {"minimum": 1} | 0 | too small
            {"maxLength": 1} | "ab" | too long
            {"oneOf": [{"type": "string"}, {"minLength": 2}]} | "a" |
            {"oneOf": [{"type": "string"}, {"minLength": 2}]} | "ab" | not exactly one
            {"uniqueItems": true} | ["a", "a"] | an entry twice
            {"allOf": []} | 1 | unknown keyword
            """)
    void judges(String schema, String value, String complaint) {
        JsonNode document =
                JsonMapper.shared().readTree("{\"defs\": {\"id\": {\"type\": \"string\", \"format\": \"uuid\"}}}");
        var errors = JsonShape.errors(
                document,
                JsonMapper.shared().readTree(schema),
                JsonMapper.shared().readTree(value));
        if (complaint == null) {
            assertThat(errors).isEmpty();
        } else {
            assertThat(errors).hasSize(1).first().asString().contains(complaint);
        }
    }
}
