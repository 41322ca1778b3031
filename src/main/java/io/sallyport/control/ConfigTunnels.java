package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes tunnels as the file has them, whole; the API keeps their configuration and their hostnames apart. */
final class ConfigTunnels {
    private final AdminCall call;
    private final ConfigStores stores;

    ConfigTunnels(AdminCall call, ConfigStores stores) {
        this.call = call;
        this.stores = stores;
    }

    /** Answers as the API does, with the tunnel's token. */
    ObjectNode create(ObjectNode whole) {
        ObjectNode made = stores.tunnels().create(call, Fields.of(itself(whole)));
        wire(UUID.fromString(made.path("id").asString()), whole, null);
        return made;
    }

    void change(UUID id, ObjectNode whole, Item item) {
        ObjectNode itself = itself(whole);
        itself.putIfAbsent("config_src", itself.stringNode("local"));
        boolean same = itself.path("name").equals(item.view().path("name"))
                && itself.path("config_src").equals(item.view().path("config_src"));
        if (!same) {
            stores.tunnels().merge(call, id, Fields.of(itself));
        }
        wire(id, whole, item);
    }

    void remove(UUID id) {
        releaseHostnames(id, Set.of());
        stores.tunnels().delete(call, id, false);
    }

    private static ObjectNode itself(ObjectNode whole) {
        ObjectNode itself = whole.deepCopy();
        itself.remove(List.of("config", "hostnames"));
        return itself;
    }

    /** Gives a tunnel its configuration and its hostnames. Without a configuration in the file the one it has stays. */
    private void wire(UUID id, ObjectNode whole, @Nullable Item item) {
        JsonNode config = whole.path("config");
        if (config.isObject() && (item == null || !config.equals(item.view().path("config")))) {
            ObjectNode wrapped = JsonNodeFactory.instance.objectNode();
            wrapped.set("config", config);
            stores.tunnelConfigurations().replace(call, id, Fields.of(wrapped));
        }
        Set<String> wanted = new LinkedHashSet<>();
        whole.path("hostnames").forEach(each -> wanted.add(each.asString("")));
        releaseHostnames(id, wanted);
        wanted.forEach(hostname -> stores.dns().route(call, ZoneDomain.ALL, id, Fields.of(route(hostname))));
    }

    private static ObjectNode route(String hostname) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "dns")
                .put("user_hostname", hostname)
                .put("overwrite_existing", true);
    }

    private void releaseHostnames(UUID tunnel, Set<String> except) {
        Map<String, UUID> present = stores.dns().toTunnels().getOrDefault(tunnel, Collections.emptySortedMap());
        present.forEach((hostname, record) -> {
            if (!except.contains(hostname)) {
                stores.dns().delete(call, ZoneDomain.ALL, record);
            }
        });
    }
}
