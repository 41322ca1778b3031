package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Tags, which are their names and so never change. */
record ConfigTags(TagChanges tags) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.TAGS;
    }

    @Override
    public List<ObjectNode> all() {
        return ConfigSection.pages(tags::list);
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return tags.create(call, body);
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        throw new IllegalStateException("a tag is its name");
    }

    @Override
    public void remove(AdminCall call, Item item) {
        tags.delete(call, item.id());
    }
}
