package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Lists with all their items. */
record ConfigLists(ListChanges lists) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.LISTS;
    }

    @Override
    public List<ObjectNode> all() {
        return lists.whole();
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return lists.create(call, body);
    }

    /** For the API a list without items keeps those it has; in the file it has none. */
    @Override
    public void change(AdminCall call, Item item, Fields body) {
        lists.replace(call, item.uuid(), body);
        JsonNode before = item.view().path("items");
        if (body.json().path("items").isEmpty() && !before.isEmpty()) {
            ObjectNode emptied = JsonNodeFactory.instance.objectNode();
            ArrayNode remove = emptied.putArray("remove");
            before.forEach(each -> remove.add(each.path("value").asString("")));
            lists.patch(call, item.uuid(), Fields.of(emptied));
        }
    }

    @Override
    public void remove(AdminCall call, Item item) {
        lists.delete(call, item.uuid());
    }
}
