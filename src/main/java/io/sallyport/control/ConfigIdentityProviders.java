package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Identity providers without their secrets. */
record ConfigIdentityProviders(IdentityProviderChanges providers) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.IDENTITY_PROVIDERS;
    }

    @Override
    public List<ObjectNode> all() {
        return ConfigSection.pages(providers::list);
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return providers.create(call, body);
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        providers.replace(call, item.uuid(), body);
    }

    @Override
    public Optional<ObjectNode> changeAndShow(AdminCall call, Item item, Fields body) {
        return credential(providers.replace(call, item.uuid(), body));
    }

    @Override
    public void remove(AdminCall call, Item item) {
        providers.delete(call, item.uuid());
    }

    /** The first secret of a directory that is to tell who comes and goes: shown here, and never again. */
    @Override
    public Optional<ObjectNode> credential(ObjectNode made) {
        JsonNode scim = made.path("scim_config");
        return scim.has("secret")
                ? Optional.of(JsonNodeFactory.instance
                        .objectNode()
                        .put("identity_provider", made.path("name").asString(""))
                        .put("scim_base_url", scim.path("scim_base_url").asString(""))
                        .put("scim_secret", scim.path("secret").asString("")))
                : Optional.empty();
    }
}
