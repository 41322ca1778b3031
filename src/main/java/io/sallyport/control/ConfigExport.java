package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.util.LinkedMultiValueMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the whole configuration for the one file, through what shows each kind to the API. Sorted by name, so that the same
 * configuration is the same text; {@link FileSpelling} says how each object is written.
 *
 * <p>Not in it: people and their sessions, tokens of this API, signing keys, the team domain (a setting of the process), and the
 * secrets themselves.
 */
final class ConfigExport {
    private final Transactions transactions;
    private final ConfigStores stores;

    ConfigExport(Transactions transactions, ConfigStores stores) {
        this.transactions = transactions;
        this.stores = stores;
    }

    /** The configuration as the surrounding transaction sees it, or as it is. */
    ConfigWorld read() {
        return transactions.read(() -> {
            Map<ConfigKind, List<ObjectNode>> views = views();
            FileSpelling spelling = new FileSpelling(new ConfigLabels(views), stores.providers()::secretNames);
            ConfigWorld world = new ConfigWorld();
            views.forEach((kind, all) -> all.stream()
                    .map(view -> spelling.item(kind, view))
                    .sorted(Comparator.comparing(Item::label).thenComparing(Item::id))
                    .forEach(world::add));
            return world;
        });
    }

    private Map<ConfigKind, List<ObjectNode>> views() {
        Map<ConfigKind, List<ObjectNode>> views = new EnumMap<>(ConfigKind.class);
        views.put(ConfigKind.TAGS, all(stores.tags()::list));
        views.put(ConfigKind.LISTS, stores.lists().whole());
        views.put(ConfigKind.IDENTITY_PROVIDERS, all(stores.providers()::list));
        views.put(ConfigKind.SERVICE_TOKENS, all(stores.tokens()::list));
        views.put(ConfigKind.WORKLOAD_ISSUERS, stores.issuers().all());
        views.put(ConfigKind.CERTIFICATES, stores.certificates().whole());
        views.put(ConfigKind.CUSTOM_PAGES, stores.pages().whole());
        views.put(ConfigKind.GROUPS, all(stores.groups()::list));
        views.put(ConfigKind.POLICIES, all(stores.policies()::list));
        views.put(ConfigKind.APPLICATIONS, all(stores.applications()::list));
        views.put(ConfigKind.TUNNELS, tunnels());
        views.put(ConfigKind.ORIGINS, all(stores.origins()::list));
        views.put(ConfigKind.ORGANIZATION, List.of(stores.organization().get()));
        return views;
    }

    /** Tunnels with their configuration and the hostnames that DNS leads to them. */
    private List<ObjectNode> tunnels() {
        Map<UUID, SortedMap<String, UUID>> hostnames = stores.dns().toTunnels();
        List<ObjectNode> living = all(query -> {
            query.parameters().set("is_deleted", "false");
            return stores.tunnels().list(query);
        });
        return living.stream().map(view -> tunnel(view, hostnames)).toList();
    }

    private ObjectNode tunnel(ObjectNode view, Map<UUID, SortedMap<String, UUID>> hostnames) {
        UUID id = UUID.fromString(view.path("id").asString());
        ObjectNode whole = JsonNodeFactory.instance
                .objectNode()
                .put("id", id.toString())
                .put("name", view.path("name").asString(""))
                .put("config_src", view.path("config_src").asString("local"));
        ArrayNode names = whole.putArray("hostnames");
        hostnames.getOrDefault(id, Collections.emptySortedMap()).keySet().forEach(names::add);
        JsonNode config = stores.tunnelConfigurations().get(id).path("config");
        if (config.isObject()) {
            whole.set("config", config);
        }
        return whole;
    }

    private static List<ObjectNode> all(Function<Query, Paged<ObjectNode>> list) {
        List<ObjectNode> all = new ArrayList<>();
        for (int page = 1; ; page++) {
            LinkedMultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
            parameters.add("page", String.valueOf(page));
            parameters.add("per_page", String.valueOf(Paging.MAX_PER_PAGE));
            Paged<ObjectNode> found = list.apply(new Query(parameters));
            all.addAll(found.items());
            if (found.items().size() < Paging.MAX_PER_PAGE) {
                return all;
            }
        }
    }
}
