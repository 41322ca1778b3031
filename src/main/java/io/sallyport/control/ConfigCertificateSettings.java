package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What each host does with client certificates; for the API it is one list. */
record ConfigCertificateSettings(CertificateSettings settings) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.CERTIFICATE_SETTINGS;
    }

    @Override
    public List<ObjectNode> all() {
        return settings.all().valueStream().map(ObjectNode.class::cast).toList();
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        settings.put(call, body);
        return body.json();
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        settings.put(call, body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        settings.remove(call, item.id());
    }
}
