package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tunnels with their configuration and the hostnames that DNS leads to them, which the API keeps apart. */
record ConfigTunnels(TunnelChanges tunnels, TunnelConfigurationChanges configurations, DnsRecordChanges dns)
        implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.TUNNELS;
    }

    @Override
    public List<ObjectNode> all() {
        Map<UUID, SortedMap<String, UUID>> hostnames = dns.toTunnels();
        List<ObjectNode> living = ConfigSection.pages(query -> {
            query.parameters().set("is_deleted", "false");
            return tunnels.list(query);
        });
        return living.stream().map(view -> whole(view, hostnames)).toList();
    }

    private ObjectNode whole(ObjectNode view, Map<UUID, SortedMap<String, UUID>> hostnames) {
        UUID id = UUID.fromString(view.path("id").asString());
        ObjectNode whole = JsonNodeFactory.instance
                .objectNode()
                .put("id", id.toString())
                .put("name", view.path("name").asString(""))
                .put("config_src", view.path("config_src").asString("local"));
        ArrayNode names = whole.putArray("hostnames");
        hostnames.getOrDefault(id, Collections.emptySortedMap()).keySet().forEach(names::add);
        JsonNode config = configurations.get(id).path("config");
        if (config.isObject()) {
            whole.set("config", config);
        }
        return whole;
    }

    /** Answers as the API does, with the tunnel's token. */
    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        ObjectNode made = tunnels.create(call, Fields.of(itself(body.json())));
        wire(call, UUID.fromString(made.path("id").asString()), body.json(), null);
        return made;
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        ObjectNode itself = itself(body.json());
        itself.putIfAbsent("config_src", itself.stringNode("local"));
        boolean same = itself.path("name").equals(item.view().path("name"))
                && itself.path("config_src").equals(item.view().path("config_src"));
        if (!same) {
            tunnels.merge(call, item.uuid(), Fields.of(itself));
        }
        wire(call, item.uuid(), body.json(), item);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        releaseHostnames(call, item.uuid(), Set.of());
        tunnels.delete(call, item.uuid());
    }

    /** A new tunnel's token is shown here; the API shows it again to who may see tokens. */
    @Override
    public Optional<ObjectNode> credential(ObjectNode made) {
        return Optional.of(JsonNodeFactory.instance
                .objectNode()
                .put("tunnel", made.path("name").asString(""))
                .put("token", made.path("token").asString("")));
    }

    private static ObjectNode itself(ObjectNode whole) {
        ObjectNode itself = whole.deepCopy();
        itself.remove(List.of("config", "hostnames"));
        return itself;
    }

    /** Gives a tunnel its configuration and its hostnames. Without a configuration in the file the one it has stays. */
    private void wire(AdminCall call, UUID id, ObjectNode whole, @Nullable Item item) {
        JsonNode config = whole.path("config");
        if (config.isObject() && (item == null || !config.equals(item.view().path("config")))) {
            ObjectNode wrapped = JsonNodeFactory.instance.objectNode();
            wrapped.set("config", config);
            configurations.replace(call, id, Fields.of(wrapped));
        }
        Set<String> wanted = new LinkedHashSet<>();
        whole.path("hostnames").forEach(each -> wanted.add(each.asString("")));
        releaseHostnames(call, id, wanted);
        wanted.forEach(hostname -> dns.route(call, ZoneDomain.ALL, id, Fields.of(route(hostname))));
    }

    private static ObjectNode route(String hostname) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "dns")
                .put("user_hostname", hostname)
                .put("overwrite_existing", true);
    }

    private void releaseHostnames(AdminCall call, UUID tunnel, Set<String> except) {
        dns.toTunnel(tunnel).forEach((hostname, record) -> {
            if (!except.contains(hostname)) {
                dns.delete(call, ZoneDomain.ALL, record);
            }
        });
    }
}
