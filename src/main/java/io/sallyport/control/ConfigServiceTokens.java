package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Service tokens without their secrets. */
record ConfigServiceTokens(ServiceTokenChanges tokens) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.SERVICE_TOKENS;
    }

    @Override
    public List<ObjectNode> all() {
        return ConfigSection.pages(tokens::list);
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return tokens.create(call, body);
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        tokens.merge(call, item.uuid(), body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        tokens.delete(call, item.uuid());
    }

    /** A new service token's secret is shown here, and never again. */
    @Override
    public Optional<ObjectNode> credential(ObjectNode made) {
        return Optional.of(JsonNodeFactory.instance
                .objectNode()
                .put("service_token", made.path("name").asString(""))
                .put("client_id", made.path("client_id").asString(""))
                .put("client_secret", made.path("client_secret").asString("")));
    }
}
