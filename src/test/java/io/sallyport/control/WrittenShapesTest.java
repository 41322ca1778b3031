package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What clients that are generated from the description are asked for, and what not. */
class WrittenShapesTest {
    private final ObjectNode schemas = json("""
            {"Id": {"type": "string"},
             "Plain": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
             "Leaf": {"type": "object", "required": ["id", "name"], "properties": {
                "id": {"$ref": "#/components/schemas/Id", "readOnly": true}, "name": {"type": "string"},
                "inside": {"$ref": "#/components/schemas/Tree"}}},
             "Tree": {"type": "object", "required": ["id"], "properties": {
                "id": {"type": "string", "readOnly": true},
                "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"},
                           "x-written": {"type": "array", "items": {"anyOf": [
                              {"type": "string"}, {"$ref": "#/components/schemas/Leaf"}]}}}}}}""");
    private final WrittenShapes written = new WrittenShapes(schemas);

    private static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text);
    }

    private static ObjectNode reference(String name) {
        return json("{\"$ref\": \"#/components/schemas/" + name + "\"}");
    }

    @Test
    void bodiesLackWhatOnlyTheServerWritesHoweverDeepAndInACircle() {
        JsonNode body = written.of(reference("Tree"));
        written.complete();

        assertThat(body).isEqualTo(reference("TreeInput"));
        JsonNode tree = schemas.path("TreeInput");
        assertThat(tree.has("required")).isFalse();
        assertThat(tree.path("properties").has("id")).isFalse();
        assertThat(tree.at("/properties/leaves/items/anyOf/1")).isEqualTo(reference("LeafInput"));
        assertThat(schemas.at("/LeafInput/required")).hasSize(1);
        assertThat(schemas.at("/LeafInput/properties/inside")).isEqualTo(reference("TreeInput"));
        assertThat(schemas.at("/Tree/properties/leaves").has("x-written")).isFalse();
        assertThat(schemas.at("/Tree/properties/leaves/items")).isEqualTo(reference("Leaf"));
    }

    @Test
    void whatIsWrittenAsItIsReadKeepsItsName() {
        assertThat(written.of(reference("Plain"))).isEqualTo(reference("Plain"));
        written.complete();
        assertThat(schemas.propertyNames()).containsExactlyInAnyOrder("Id", "Plain", "Leaf", "Tree");
    }

    @Test
    void onlyABodyThatHasToSaySomethingIsRequired() {
        assertThat(written.mustSaySomething(written.of(reference("Leaf")))).isTrue();
        assertThat(written.mustSaySomething(written.of(reference("Tree")))).isFalse();
        assertThat(written.mustSaySomething(written.of(json("{\"type\": \"object\"}"))))
                .isFalse();
    }
}
