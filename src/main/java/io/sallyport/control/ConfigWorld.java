package io.sallyport.control;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The whole configuration as the one file spells it, with the ids that the file leaves out. */
final class ConfigWorld {
    /** The shape of the file; a later shape gets a higher number. */
    static final int FORMAT = 1;

    private final Map<ConfigKind, Map<String, Item>> items = new EnumMap<>(ConfigKind.class);

    /**
     * One object.
     *
     * @param id as the API knows it; a tag's is its name
     * @param label what the file calls it: its name, with the id behind it where several share the name
     * @param entry as in the file
     * @param view as the API shows it
     */
    record Item(ConfigKind kind, String id, String label, JsonNode entry, ObjectNode view) {
        /** The id of all but a tag and the organization. */
        UUID uuid() {
            return UUID.fromString(id);
        }
    }

    void add(Item item) {
        items.computeIfAbsent(item.kind(), kind -> new LinkedHashMap<>()).put(item.id(), item);
    }

    /** In the file's order. */
    List<Item> all(ConfigKind kind) {
        return List.copyOf(of(kind).values());
    }

    Optional<Item> find(ConfigKind kind, String id) {
        return Optional.ofNullable(of(kind).get(id));
    }

    private Map<String, Item> of(ConfigKind kind) {
        return items.getOrDefault(kind, Map.of());
    }

    /** The file's content. */
    ObjectNode document() {
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("sallyport", FORMAT);
        Arrays.stream(ConfigKind.values())
                .filter(ConfigKind::isSingle)
                .forEach(kind -> all(kind).forEach(item -> document.set(kind.section(), item.entry())));
        for (ConfigKind kind : ConfigKind.values()) {
            if (!kind.isSingle()) {
                ArrayNode section = document.putArray(kind.section());
                all(kind).forEach(item -> section.add(item.entry()));
            }
        }
        return document;
    }
}
