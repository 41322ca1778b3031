package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The one organization, without its team domain, which is a setting of the process. */
record ConfigOrganization(OrganizationChanges organization) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.ORGANIZATION;
    }

    @Override
    public List<ObjectNode> all() {
        return List.of(organization.get());
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        throw new IllegalStateException("there is always one organization");
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        organization.merge(call, body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        throw new IllegalStateException("there is always one organization");
    }
}
