package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
        Map<UUID, SortedMap<String, JsonNode>> hostnames = new HashMap<>();
        for (DnsRecordChanges.Led each : dns.all()) {
            UUID tunnel = each.tunnel();
            if (tunnel != null) {
                hostnames
                        .computeIfAbsent(tunnel, id -> new TreeMap<>())
                        .put(each.name(), DnsSpelling.alias(each.name(), each.view()));
            }
        }
        return living(tunnels).stream()
                .map(view -> whole(view, hostnames.getOrDefault(idOf(view), Collections.emptySortedMap())))
                .toList();
    }

    /** The tunnels that are not deleted. */
    static List<ObjectNode> living(TunnelChanges tunnels) {
        return ConfigSection.pages(query -> {
            query.parameters().set("is_deleted", "false");
            return tunnels.list(query);
        });
    }

    static UUID idOf(ObjectNode view) {
        return UUID.fromString(view.path("id").asString());
    }

    /** What a connector uploaded is only shown: in the file it would come back as if an admin had written it. */
    private ObjectNode whole(ObjectNode view, SortedMap<String, JsonNode> hostnames) {
        ObjectNode whole = JsonNodeFactory.instance
                .objectNode()
                .put("id", view.path("id").asString())
                .put("name", view.path("name").asString(""))
                .put("config_src", view.path("config_src").asString("local"));
        ArrayNode names = whole.putArray("hostnames");
        hostnames.values().forEach(names::add);
        JsonNode configuration = configurations.get(idOf(view));
        if (configuration.path("config").isObject()
                && configuration.path("source").asString("").equals("cloudflare")) {
            whole.set("config", configuration.path("config"));
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
        Map<String, JsonNode> wanted = new LinkedHashMap<>();
        whole.path("hostnames").forEach(each -> wanted.put(DnsSpelling.hostname(each), each));
        Map<String, JsonNode> present = releaseHostnames(call, id, wanted.keySet());
        wanted.forEach((hostname, alias) -> {
            if (!alias.equals(present.get(hostname))) {
                lead(call, hostname, id, alias);
            }
        });
    }

    /** As {@code route dns} does, and then with what the file says of the record beside that. */
    private void lead(AdminCall call, String hostname, UUID tunnel, JsonNode alias) {
        ObjectNode route = JsonNodeFactory.instance
                .objectNode()
                .put("type", "dns")
                .put("user_hostname", hostname)
                .put("overwrite_existing", true);
        ObjectNode routed = dns.route(call, ZoneDomain.ALL, tunnel, Fields.of(route));
        UUID record = Ids.parseCompact(routed.path("dns_tag").asString()).orElseThrow(ApiProblem::noSuchRecord);
        ObjectNode made = dns.get(ZoneDomain.ALL, record);
        if (!alias.equals(DnsSpelling.alias(hostname, made))) {
            String name = made.path("content").asString();
            dns.replace(call, ZoneDomain.ALL, record, Fields.of(DnsSpelling.aliasRecord(alias, name)));
        }
    }

    /** Takes away what is not to stay; answers with what stays, by its hostname. */
    private Map<String, JsonNode> releaseHostnames(AdminCall call, UUID tunnel, Set<String> except) {
        Map<String, JsonNode> staying = new HashMap<>();
        for (DnsRecordChanges.Led each : dns.to(tunnel)) {
            if (except.contains(each.name())) {
                staying.put(each.name(), DnsSpelling.alias(each.name(), each.view()));
            } else {
                UUID record =
                        Ids.parseCompact(each.view().path("id").asString()).orElseThrow(ApiProblem::noSuchRecord);
                dns.delete(call, ZoneDomain.ALL, record);
            }
        }
        return staying;
    }
}
