package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.util.LinkedMultiValueMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Spells the whole configuration as one file: what the API shows, without what the server sets, with names instead of ids, and
 * secrets as references that the command line resolves. Sorted by name, so that the same configuration is the same text.
 *
 * <p>Not in it: people and their sessions, tokens of this API, signing keys, the team domain (a setting of the process), and the
 * secrets themselves.
 */
final class ConfigExport {
    private static final Set<String> SET_BY_SERVER = Set.of(
            "id",
            "uid",
            "aud",
            "account_id",
            "app_count",
            "reusable",
            "count",
            "created_at",
            "updated_at",
            "client_id",
            "client_secret_version",
            "expires_at",
            "last_seen_at",
            "previous_client_secret_expires_at",
            "auth_domain",
            "self_hosted_domains",
            "fingerprint",
            "expires_on");

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
            Map<ConfigKind, Map<String, String>> labels = new EnumMap<>(ConfigKind.class);
            views.forEach((kind, all) -> labels.put(kind, labels(kind, all)));
            ConfigWorld world = new ConfigWorld();
            views.forEach((kind, all) -> {
                Map<String, String> own = labels.getOrDefault(kind, Map.of());
                all.stream()
                        .map(view -> item(kind, view, own, labels))
                        .sorted(Comparator.comparing(Item::label).thenComparing(Item::id))
                        .forEach(world::add);
            });
            return world;
        });
    }

    private Map<ConfigKind, List<ObjectNode>> views() {
        Map<ConfigKind, List<ObjectNode>> views = new EnumMap<>(ConfigKind.class);
        views.put(ConfigKind.TAGS, all(stores.tags()::list));
        views.put(ConfigKind.LISTS, stores.lists().whole());
        views.put(ConfigKind.IDENTITY_PROVIDERS, all(stores.providers()::list));
        views.put(ConfigKind.SERVICE_TOKENS, all(stores.tokens()::list));
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
        return living.stream()
                .map(view -> {
                    UUID id = UUID.fromString(view.path("id").asString());
                    ObjectNode whole = JsonNodeFactory.instance
                            .objectNode()
                            .put("id", id.toString())
                            .put("name", view.path("name").asString(""))
                            .put("config_src", view.path("config_src").asString("local"));
                    ArrayNode names = whole.putArray("hostnames");
                    hostnames
                            .getOrDefault(id, Collections.emptySortedMap())
                            .keySet()
                            .forEach(names::add);
                    JsonNode config = stores.tunnelConfigurations().get(id).path("config");
                    if (config.isObject()) {
                        whole.set("config", config);
                    }
                    return whole;
                })
                .toList();
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

    private static Map<String, String> labels(ConfigKind kind, List<ObjectNode> views) {
        Map<String, Integer> uses = new HashMap<>();
        views.forEach(view -> uses.merge(name(kind, view), 1, Integer::sum));
        Map<String, String> labels = new HashMap<>();
        views.forEach(view -> {
            String name = name(kind, view);
            labels.put(id(kind, view), uses.getOrDefault(name, 0) == 1 ? name : labelOf(name, id(kind, view)));
        });
        return labels;
    }

    /** What an object is called when others have its name too. */
    static String labelOf(String name, String id) {
        return name + " (" + id + ")";
    }

    /** What an object is called when nothing else is called so. */
    static String name(ConfigKind kind, JsonNode object) {
        return switch (kind) {
            case ORIGINS ->
                object.path("hostname").asString("") + object.path("path").asString("");
            case ORGANIZATION -> kind.section();
            case TAGS ->
                object.isString() ? object.stringValue() : object.path("name").asString("");
            case APPLICATIONS ->
                object.path("name")
                        .asString(object.path("domain")
                                .asString(object.path("type").asString("")));
            case LISTS, IDENTITY_PROVIDERS, SERVICE_TOKENS, CERTIFICATES, CUSTOM_PAGES, GROUPS, POLICIES, TUNNELS ->
                object.path("name").asString("");
        };
    }

    private static String id(ConfigKind kind, ObjectNode view) {
        return switch (kind) {
            case TAGS, ORGANIZATION -> name(kind, view);
            case CUSTOM_PAGES -> view.path("uid").asString();
            case LISTS,
                    IDENTITY_PROVIDERS,
                    SERVICE_TOKENS,
                    CERTIFICATES,
                    GROUPS,
                    POLICIES,
                    APPLICATIONS,
                    TUNNELS,
                    ORIGINS -> view.path("id").asString();
        };
    }

    private Item item(
            ConfigKind kind, ObjectNode view, Map<String, String> own, Map<ConfigKind, Map<String, String>> labels) {
        String id = id(kind, view);
        String label = own.getOrDefault(id, id);
        ConfigReferences.Translation names =
                (of, spelling, pointer) -> labels.getOrDefault(of, Map.of()).get(spelling.toLowerCase(Locale.ROOT));
        ObjectNode entry = view.deepCopy().remove(SET_BY_SERVER);
        JsonNode spelled = switch (kind) {
            case TAGS -> StringNode.valueOf(label);
            case LISTS -> list(entry);
            case IDENTITY_PROVIDERS -> provider(id, entry);
            case SERVICE_TOKENS -> without(entry, "enabled", entry.booleanNode(true));
            case GROUPS, POLICIES -> rules(entry, names);
            case APPLICATIONS -> application(entry, view, names);
            case CERTIFICATES -> without(entry, "associated_hostnames", entry.arrayNode());
            case CUSTOM_PAGES -> entry;
            case TUNNELS ->
                without(without(entry, "hostnames", entry.arrayNode()), "config_src", entry.stringNode("local"));
            case ORIGINS -> origin(entry);
            case ORGANIZATION -> pages(entry, names);
        };
        if (spelled instanceof ObjectNode object && !label.equals(name(kind, view))) {
            ObjectNode marked = JsonNodeFactory.instance.objectNode().put("id", id);
            marked.setAll(object);
            spelled = marked;
        }
        return new Item(kind, id, label, spelled, view);
    }

    private static ObjectNode list(ObjectNode entry) {
        without(entry, "description", entry.stringNode(""));
        ArrayNode items = entry.arrayNode();
        entry.path("items").forEach(item -> {
            if (item.has("description")) {
                items.add(((ObjectNode) item).remove(SET_BY_SERVER));
            } else {
                items.add(item.path("value"));
            }
        });
        entry.remove("items");
        entry.set("items", items);
        return entry;
    }

    /** Each secret that is stored becomes a reference to a variable that is named after the provider. */
    private ObjectNode provider(String id, ObjectNode entry) {
        ObjectNode config = entry.withObject("config");
        config.remove("redirect_url");
        for (String secret : stores.providers().secretNames(UUID.fromString(id))) {
            config.putObject(secret).put("env", variable(entry.path("name").asString(""), secret));
        }
        if (config.isEmpty()) {
            entry.remove("config");
        }
        return entry;
    }

    private static String variable(String provider, String secret) {
        return ("SALLYPORT_" + provider + "_" + secret).toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
    }

    private static ObjectNode rules(ObjectNode entry, ConfigReferences.Translation names) {
        ConfigReferences.rulesToFile(entry, names);
        without(entry, "exclude", entry.arrayNode());
        without(entry, "require", entry.arrayNode());
        return entry;
    }

    private static ObjectNode application(ObjectNode entry, ObjectNode view, ConfigReferences.Translation names) {
        without(entry, "tags", entry.arrayNode());
        without(entry, "allowed_idps", entry.arrayNode());
        without(entry, "app_launcher_visible", entry.booleanNode(true));
        without(entry, "http_only_cookie_attribute", entry.booleanNode(true));
        ArrayNode one = entry.arrayNode();
        one.addObject().put("type", "public").put("uri", entry.path("domain").asString(""));
        without(entry, "destinations", one);
        if (entry.has("allowed_idps")) {
            entry.set(
                    "allowed_idps",
                    ConfigReferences.list(
                            entry.get("allowed_idps"), ConfigKind.IDENTITY_PROVIDERS, "/allowed_idps", names));
        }
        if (entry.has("custom_pages")) {
            entry.set(
                    "custom_pages",
                    ConfigReferences.list(entry.get("custom_pages"), ConfigKind.CUSTOM_PAGES, "/custom_pages", names));
        }
        JsonNode policies = view.path("policies");
        entry.remove("policies");
        ArrayNode attached = entry.putArray("policies");
        boolean counted = true;
        for (int i = 0; i < policies.size(); i++) {
            counted &= policies.get(i).path("precedence").asInt() == i + 1;
        }
        for (JsonNode policy : policies) {
            attached.add(attachment((ObjectNode) policy, counted, names));
        }
        return entry;
    }

    /** A reusable policy by its name, the application's own in full; with its precedence where that is not its place in the list. */
    private static JsonNode attachment(ObjectNode policy, boolean counted, ConfigReferences.Translation names) {
        boolean reusable = policy.path("reusable").asBoolean(false);
        int precedence = policy.path("precedence").asInt();
        if (reusable) {
            String id = policy.path("id").asString();
            String name = names.of(ConfigKind.POLICIES, id, "");
            StringNode label = StringNode.valueOf(name == null ? id : name);
            return counted
                    ? label
                    : JsonNodeFactory.instance
                            .objectNode()
                            .put("policy", label.stringValue())
                            .put("precedence", precedence);
        }
        ObjectNode own = rules(policy.deepCopy().remove(SET_BY_SERVER), names);
        own.remove("precedence");
        return counted ? own : own.put("precedence", precedence);
    }

    private static ObjectNode pages(ObjectNode organization, ConfigReferences.Translation names) {
        if (organization.get("custom_pages") instanceof ObjectNode pages) {
            ConfigReferences.values(pages, ConfigKind.CUSTOM_PAGES, "/custom_pages", names);
        }
        return organization;
    }

    private static ObjectNode origin(ObjectNode entry) {
        without(entry, "path", entry.stringNode(""));
        return without(entry, "origin_request", entry.objectNode());
    }

    /** Leaves out a member that says what would be so without it. */
    private static ObjectNode without(ObjectNode entry, String member, JsonNode usual) {
        if (usual.equals(entry.get(member))) {
            entry.remove(member);
        }
        return entry;
    }
}
