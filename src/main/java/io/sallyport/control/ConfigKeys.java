package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** When the signing keys change hands; the keys themselves are in no file. */
record ConfigKeys(KeyChanges keys) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.KEYS;
    }

    @Override
    public List<ObjectNode> all() {
        return List.of(keys.get());
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        throw new IllegalStateException("there are always keys");
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        keys.setInterval(call, body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        throw new IllegalStateException("there are always keys");
    }
}
