package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Applications with their own policies and the reusable ones they attach. */
record ConfigApplications(ApplicationChanges applications, StoredApplications stored) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.APPLICATIONS;
    }

    @Override
    public List<ObjectNode> all() {
        return ConfigSection.pages(applications::list);
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return applications.create(call, body);
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        applications.replaceWhole(call, item.id(), body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        applications.delete(call, item.id());
    }

    /** Two applications may exchange their hosts, which one after the other they could not. */
    @Override
    public void release(AdminCall call, Item item) {
        stored.releasePlaces(item.uuid());
    }
}
