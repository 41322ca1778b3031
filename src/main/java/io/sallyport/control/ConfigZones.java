package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The zones of single domains; that of all domains is there by itself. */
record ConfigZones(Zones zones) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.ZONES;
    }

    @Override
    public List<ObjectNode> all() {
        return zones.ofDomains();
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return zones.create(call, body);
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        if (!body.json().path("name").equals(item.view().path("name"))) {
            throw ApiProblem.invalid("/name", "cannot change; remove the zone and make the other");
        }
        zones.replace(call, item.id(), body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        zones.delete(call, item.id());
    }
}
