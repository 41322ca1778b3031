package io.sallyport.control;

import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.Selector;
import io.sallyport.policy.json.SelectorJson;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The three lists of selectors that policies and groups have, parsed and as they were written: reads return exactly what was sent,
 * in its order.
 */
record Rules(
        List<Selector> include,
        List<Selector> exclude,
        List<Selector> require,
        ArrayNode includeJson,
        ArrayNode excludeJson,
        ArrayNode requireJson) {
    /** A selector and where it stands in the request. */
    record Placed(Selector selector, String pointer) {}

    /** Reads the lists; at least one include rule is mandatory. */
    static Rules read(Fields fields) {
        Rules rules = new Rules(
                parse(fields, "include"),
                parse(fields, "exclude"),
                parse(fields, "require"),
                json(fields, "include"),
                json(fields, "exclude"),
                json(fields, "require"));
        if (rules.include.isEmpty()) {
            throw fields.invalid("include", "needs at least one rule");
        }
        return rules;
    }

    /** Puts the lists, as written, into an object. */
    void writeTo(ObjectNode body) {
        body.set("include", includeJson);
        body.set("exclude", excludeJson);
        body.set("require", requireJson);
    }

    /** Every selector with its place below a pointer. */
    List<Placed> placed(String pointer) {
        List<Placed> placed = new ArrayList<>();
        place(placed, include, pointer + "/include/");
        place(placed, exclude, pointer + "/exclude/");
        place(placed, require, pointer + "/require/");
        return placed;
    }

    private static void place(List<Placed> placed, List<Selector> selectors, String pointer) {
        for (int i = 0; i < selectors.size(); i++) {
            placed.add(new Placed(selectors.get(i), pointer + i));
        }
    }

    private static List<Selector> parse(Fields fields, String name) {
        List<JsonNode> nodes = fields.list(name, Limits.ENTRIES);
        List<Selector> selectors = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            try {
                selectors.add(SelectorJson.read(nodes.get(i), fields.pointerTo(name) + "/" + i));
            } catch (PolicyProblem e) {
                throw ApiProblem.invalid(e.pointer(), String.valueOf(e.getMessage()));
            }
        }
        return List.copyOf(selectors);
    }

    private static ArrayNode json(Fields fields, String name) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        fields.list(name, Limits.ENTRIES).forEach(array::add);
        return array;
    }
}
