package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Translates entries of the configuration file into requests to the API: names become ids, and omitted members get
 * their defaults. {@link FileSpelling} is the reverse. One instance serves one write, and learns the ids of objects
 * that are created during it.
 */
final class ApiSpelling {
    private final Map<ConfigKind, Map<String, String>> ids = new EnumMap<>(ConfigKind.class);
    private final CertificateSets certificateSets;

    /**
     * A translation for a file and the stored configuration; names of kinds that the file does not contain are looked
     * up in the latter.
     *
     * @param certificateSet creates a set of SAML certificates and returns its id
     */
    ApiSpelling(ConfigWorld live, ConfigDocument document, ConfigMatch match, Supplier<String> certificateSet) {
        this.certificateSets = new CertificateSets(document, match, certificateSet);
        for (ConfigKind kind : ConfigKind.values()) {
            Map<String, String> known = new HashMap<>();
            if (document.speaksOf(kind)) {
                match.known(kind).forEach((entry, item) -> known.put(entry.label(), item.id()));
            } else {
                live.all(kind).forEach(item -> known.put(item.label(), item.id()));
            }
            ids.put(kind, known);
        }
    }

    /** Records the id of the object that was created for an entry. */
    void learn(Entry entry, String id) {
        ids.computeIfAbsent(entry.kind(), kind -> new HashMap<>()).put(entry.label(), id);
    }

    /**
     * The body of a request that creates or replaces the entry's object.
     *
     * @param item the stored object; null when it is new
     */
    ObjectNode body(Entry entry, @Nullable Item item) {
        if (!(entry.json() instanceof ObjectNode object)) {
            return JsonNodeFactory.instance.objectNode().put("name", entry.label());
        }
        ObjectNode body = object.deepCopy();
        body.remove("id");
        switch (entry.kind()) {
            case LISTS -> items(body);
            case IDENTITY_PROVIDERS -> {
                secrets(body, entry, item);
                certificateSets.toApi(body, entry);
            }
            case SERVICE_TOKENS -> body.putIfAbsent("enabled", body.booleanNode(true));
            case GROUPS, POLICIES -> ConfigReferences.rulesToApi(body, entry.pointer(), this::id);
            case APPLICATIONS -> application(body, entry, item);
            case ORGANIZATION -> organization(body, entry, item);
            case KEYS -> keys(body, entry);
            case TAGS,
                    WORKLOAD_ISSUERS,
                    CERTIFICATES,
                    CERTIFICATE_SETTINGS,
                    CUSTOM_PAGES,
                    TUNNELS,
                    ZONES,
                    DNS_RECORDS,
                    ORIGINS -> {
                // Nothing to translate.
            }
        }
        return body;
    }

    private String id(ConfigKind kind, String name, String pointer) {
        String id = ids.getOrDefault(kind, Map.of()).get(name);
        if (id == null && Ids.parse(name).isPresent()) {
            return name;
        }
        if (id == null) {
            throw ApiProblem.invalid(pointer, "names no " + kind.singular() + ": there is no \"" + name + "\"");
        }
        return id;
    }

    private static void items(ObjectNode body) {
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        body.path("items").forEach(item -> {
            if (item.isString()) {
                items.addObject().put("value", item.stringValue());
            } else {
                items.add(item);
            }
        });
        body.set("items", items);
    }

    /**
     * A secret reference that the command line could not resolve keeps the stored secret; for a new provider it is an
     * error.
     */
    private static void secrets(ObjectNode body, Entry entry, @Nullable Item item) {
        if (!(body.get("config") instanceof ObjectNode config)) {
            body.putObject("config");
            return;
        }
        for (String secret : IdentityProviderDraft.SECRETS) {
            if (config.get(secret) instanceof ObjectNode reference) {
                boolean stored =
                        item != null && item.entry().path("config").path(secret).isObject();
                if (!stored) {
                    throw ApiProblem.invalid(
                            entry.pointer() + "/config/" + secret,
                            "is nowhere to be found: neither stored nor at " + reference);
                }
                config.remove(secret);
            }
        }
    }

    /**
     * The file replaces all settings, so an omitted or misspelt interval would silently become the default; it is
     * required.
     */
    private static void keys(ObjectNode body, Entry entry) {
        for (String member : body.propertyNames()) {
            if (!member.equals(KeyChanges.INTERVAL)) {
                throw ApiProblem.invalid(
                        entry.pointer() + "/" + StrictJson.escape(member), "is no setting of the signing keys");
            }
        }
    }

    private void application(ObjectNode body, Entry entry, @Nullable Item item) {
        translate(body, "allowed_idps", ConfigKind.IDENTITY_PROVIDERS, entry);
        translate(body, "custom_pages", ConfigKind.CUSTOM_PAGES, entry);
        ConfigReferences.scimProviderToApi(body, entry.pointer(), this::id);
        ArrayNode attached = JsonNodeFactory.instance.arrayNode();
        Map<String, Deque<String>> own = ownPolicies(item);
        JsonNode policies = body.path("policies");
        for (int i = 0; i < policies.size(); i++) {
            attached.add(attachment(policies.get(i), entry.pointer() + "/policies/" + i, own));
        }
        body.set("policies", attached);
    }

    private void translate(ObjectNode body, String member, ConfigKind kind, Entry entry) {
        if (body.has(member)) {
            body.set(member, ConfigReferences.list(body.get(member), kind, entry.pointer() + "/" + member, this::id));
        }
    }

    /** The ids of the policies that are the application's own, by name, in their order. */
    private static Map<String, Deque<String>> ownPolicies(@Nullable Item item) {
        Map<String, Deque<String>> own = new HashMap<>();
        if (item != null) {
            item.view().path("policies").forEach(policy -> {
                if (!policy.path("reusable").asBoolean(false)) {
                    own.computeIfAbsent(policy.path("name").asString(""), name -> new ArrayDeque<>())
                            .add(policy.path("id").asString(""));
                }
            });
        }
        return own;
    }

    private JsonNode attachment(JsonNode policy, String pointer, Map<String, Deque<String>> own) {
        if (policy.isString()) {
            return JsonNodeFactory.instance.stringNode(id(ConfigKind.POLICIES, policy.stringValue(), pointer));
        }
        if (!(policy instanceof ObjectNode object)) {
            throw ApiProblem.invalid(pointer, "must be a policy, or the name of one");
        }
        ObjectNode attachment = object.deepCopy();
        JsonNode reusable = attachment.remove("policy");
        if (reusable != null) {
            return attachment.put("id", id(ConfigKind.POLICIES, reusable.asString(""), pointer + "/policy"));
        }
        ConfigReferences.rulesToApi(attachment, pointer, this::id);
        Deque<String> known = own.get(attachment.path("name").asString(""));
        String id = known == null ? null : known.poll();
        return id == null ? attachment : attachment.put("id", id);
    }

    /** The API merges an organization, but the file replaces it, so omitted members are reset to their defaults. */
    private void organization(ObjectNode body, Entry entry, @Nullable Item item) {
        if (body.get("custom_pages") instanceof ObjectNode pages) {
            ConfigReferences.values(pages, ConfigKind.CUSTOM_PAGES, entry.pointer() + "/custom_pages", this::id);
        }
        if (item != null) {
            item.entry().propertyNames().forEach(name -> {
                if (!body.has(name)) {
                    body.putNull(name);
                }
            });
        }
    }
}
