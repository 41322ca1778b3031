package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Spells what the API shows as the file has it: without what the server sets and what would be so without being said, names in the
 * place of ids, and secrets as references that the command line resolves. The way back is {@link ApiSpelling}.
 */
final class FileSpelling {
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

    private final ConfigLabels labels;
    private final ConfigReferences.Translation names;
    private final Function<UUID, Set<String>> secretNames;

    /** @param secretNames which secrets of a provider are stored */
    FileSpelling(ConfigLabels labels, Function<UUID, Set<String>> secretNames) {
        this.labels = labels;
        this.names = (kind, id, pointer) -> labels.find(kind, id);
        this.secretNames = secretNames;
    }

    /** An object as the file has it, with its id where its name alone does not tell it from others. */
    Item item(ConfigKind kind, ObjectNode view) {
        String id = ConfigLabels.id(kind, view);
        String label = labels.of(kind, view);
        JsonNode entry = entry(kind, view, id, label);
        if (entry instanceof ObjectNode object && !label.equals(ConfigLabels.name(kind, view))) {
            ObjectNode marked = JsonNodeFactory.instance.objectNode().put("id", id);
            marked.setAll(object);
            entry = marked;
        }
        return new Item(kind, id, label, entry, view);
    }

    private JsonNode entry(ConfigKind kind, ObjectNode view, String id, String label) {
        ObjectNode entry = view.deepCopy().remove(SET_BY_SERVER);
        return switch (kind) {
            case TAGS -> StringNode.valueOf(label);
            case LISTS -> list(entry);
            case IDENTITY_PROVIDERS -> provider(id, label, entry);
            case SERVICE_TOKENS -> without(entry, "enabled", entry.booleanNode(true));
            case WORKLOAD_ISSUERS -> without(entry, "single_use", entry.booleanNode(true));
            case GROUPS, POLICIES -> rules(entry);
            case APPLICATIONS -> application(entry, view);
            case CERTIFICATES -> without(entry, "associated_hostnames", entry.arrayNode());
            case CERTIFICATE_SETTINGS -> certificateSetting(entry);
            case CUSTOM_PAGES -> entry;
            case ZONES -> DnsSpelling.zone(entry);
            case DNS_RECORDS -> DnsSpelling.record(view);
            case KEYS -> entry.objectNode().set(KeyChanges.INTERVAL, view.path(KeyChanges.INTERVAL));
            case TUNNELS ->
                without(without(entry, "hostnames", entry.arrayNode()), "config_src", entry.stringNode("local"));
            case ORIGINS -> origin(entry);
            case ORGANIZATION -> organization(entry);
        };
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
    private ObjectNode provider(String id, String label, ObjectNode entry) {
        ObjectNode config = entry.withObject("config");
        config.remove("redirect_url");
        if (entry.get("scim_config") instanceof ObjectNode scim) {
            scim.remove("scim_base_url");
        }
        JsonNode set = entry.remove(CertificateSets.API_MEMBER);
        if (set != null) {
            entry.put(
                    CertificateSets.FILE_MEMBER,
                    labels.ofCertificateSet(set.asString("")).orElse(label));
        }
        for (String secret : secretNames.apply(UUID.fromString(id))) {
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

    private ObjectNode rules(ObjectNode entry) {
        ConfigReferences.rulesToFile(entry, names);
        without(entry, "exclude", entry.arrayNode());
        without(entry, "require", entry.arrayNode());
        return entry;
    }

    private ObjectNode application(ObjectNode entry, ObjectNode view) {
        without(entry, "tags", entry.arrayNode());
        without(entry, "allowed_idps", entry.arrayNode());
        without(entry, "app_launcher_visible", entry.booleanNode(true));
        without(entry, "http_only_cookie_attribute", entry.booleanNode(true));
        ArrayNode one = entry.arrayNode();
        one.addObject().put("type", "public").put("uri", entry.path("domain").asString(""));
        without(entry, "destinations", one);
        translate(entry, "allowed_idps", ConfigKind.IDENTITY_PROVIDERS);
        translate(entry, "custom_pages", ConfigKind.CUSTOM_PAGES);
        ConfigReferences.scimProviderToFile(entry, names);
        entry.remove("policies");
        ArrayNode attached = entry.putArray("policies");
        JsonNode policies = view.path("policies");
        boolean counted = areCounted(policies);
        for (JsonNode policy : policies) {
            attached.add(attachment((ObjectNode) policy, counted));
        }
        return entry;
    }

    private void translate(ObjectNode entry, String member, ConfigKind kind) {
        if (entry.has(member)) {
            entry.set(member, ConfigReferences.list(entry.get(member), kind, "/" + member, names));
        }
    }

    /** Whether each policy's precedence is its place in the list. */
    private static boolean areCounted(JsonNode policies) {
        for (int i = 0; i < policies.size(); i++) {
            if (policies.get(i).path("precedence").asInt() != i + 1) {
                return false;
            }
        }
        return true;
    }

    /** A reusable policy by its name, the application's own in full; with its precedence where that is not its place in the list. */
    private JsonNode attachment(ObjectNode policy, boolean counted) {
        int precedence = policy.path("precedence").asInt();
        if (policy.path("reusable").asBoolean(false)) {
            String id = policy.path("id").asString();
            String name = labels.find(ConfigKind.POLICIES, id);
            String label = name == null ? id : name;
            return counted
                    ? StringNode.valueOf(label)
                    : JsonNodeFactory.instance.objectNode().put("policy", label).put("precedence", precedence);
        }
        ObjectNode own = rules(policy.deepCopy().remove(SET_BY_SERVER));
        own.remove("precedence");
        return counted ? own : own.put("precedence", precedence);
    }

    private static ObjectNode certificateSetting(ObjectNode entry) {
        without(entry, "china_network", entry.booleanNode(false));
        return without(entry, "client_certificate_forwarding", entry.booleanNode(false));
    }

    private ObjectNode organization(ObjectNode entry) {
        if (entry.get("custom_pages") instanceof ObjectNode pages) {
            ConfigReferences.values(pages, ConfigKind.CUSTOM_PAGES, "/custom_pages", names);
        }
        return entry;
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
