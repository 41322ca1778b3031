package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes single changes one after the other until the configuration is what the file says. First goes what holds a place that
 * others may want (applications, origins), then everything is made in an order in which nothing names what is not there yet, and
 * last goes what nobody names any more. Lives for one write.
 */
final class ConfigChanges {
    /** Entities kept under watch slow every query down. */
    private static final int SETTLE_EVERY = 5;

    private final AdminCall call;
    private final Transactions transactions;
    private final ConfigStores stores;
    private final ConfigDocument document;
    private final ConfigMatch match;
    private final Map<ConfigKind, Map<String, String>> ids = new EnumMap<>(ConfigKind.class);
    private final ArrayNode credentials = JsonNodeFactory.instance.arrayNode();
    private int done;

    ConfigChanges(
            AdminCall call,
            Transactions transactions,
            ConfigStores stores,
            ConfigWorld live,
            ConfigDocument document,
            ConfigMatch match) {
        this.call = call.unconditional();
        this.transactions = transactions;
        this.stores = stores;
        this.document = document;
        this.match = match;
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

    /** The ids of objects whose entry in the file reads otherwise than an export would. */
    static Map<ConfigKind, Set<String>> differing(ConfigMatch match) {
        Map<ConfigKind, Set<String>> differing = new EnumMap<>(ConfigKind.class);
        for (ConfigKind kind : ConfigKind.values()) {
            Set<String> ids = new HashSet<>();
            match.known(kind).forEach((entry, item) -> {
                if (!entry.json().equals(item.entry())) {
                    ids.add(item.id());
                }
            });
            differing.put(kind, ids);
        }
        return differing;
    }

    /** Secrets of a provider's entry that are there in clear: the command line has resolved their references. */
    static Map<String, String> secrets(Entry entry) {
        Map<String, String> secrets = new LinkedHashMap<>();
        for (String member : IdentityProviderDraft.SECRETS) {
            JsonNode value = entry.json().path("config").path(member);
            if (value.isString()) {
                secrets.put(member, value.stringValue());
            }
        }
        return secrets;
    }

    /**
     * Makes the changes; answers with the credentials that were made on the way, which nobody sees again.
     *
     * @param touched which of the objects that are there already to write
     */
    ArrayNode make(Predicate<Item> touched) {
        match.removed(ConfigKind.APPLICATIONS).forEach(this::remove);
        match.removed(ConfigKind.TUNNELS).forEach(this::remove);
        match.removed(ConfigKind.ORIGINS).forEach(this::remove);
        for (ConfigKind kind : ConfigKind.values()) {
            if (kind == ConfigKind.APPLICATIONS) {
                releasePlaces(touched);
            }
            for (Entry entry : inOrder(kind)) {
                Item item = match.item(entry);
                if (item == null || touched.test(item)) {
                    write(entry, item);
                }
            }
        }
        match.removed(ConfigKind.POLICIES).forEach(this::remove);
        removeGroups();
        match.removed(ConfigKind.CUSTOM_PAGES).forEach(this::remove);
        match.removed(ConfigKind.CERTIFICATES).forEach(this::remove);
        match.removed(ConfigKind.SERVICE_TOKENS).forEach(this::remove);
        match.removed(ConfigKind.IDENTITY_PROVIDERS).forEach(this::remove);
        match.removed(ConfigKind.LISTS).forEach(this::remove);
        match.removed(ConfigKind.TAGS).forEach(this::remove);
        return credentials;
    }

    /** Two applications may exchange their hosts, which one after the other they could not. */
    private void releasePlaces(Predicate<Item> touched) {
        match.known(ConfigKind.APPLICATIONS).values().stream()
                .filter(touched)
                .forEach(item -> stores.applications().releasePlaces(UUID.fromString(item.id())));
    }

    private void write(Entry entry, @Nullable Item item) {
        try {
            String id = item == null ? create(entry) : change(entry, item);
            ids.computeIfAbsent(entry.kind(), kind -> new HashMap<>()).put(entry.label(), id);
        } catch (ApiProblem problem) {
            throw problem.pointerOrEmpty().startsWith(entry.pointer()) ? problem : problem.at(entry.pointer());
        }
        if (++done % SETTLE_EVERY == 0) {
            transactions.settle();
        }
    }

    private String create(Entry entry) {
        Fields body = Fields.of(body(entry, null));
        ObjectNode made = switch (entry.kind()) {
            case TAGS -> stores.tags().create(call, body);
            case LISTS -> stores.lists().create(call, body);
            case IDENTITY_PROVIDERS -> stores.providers().create(call, body);
            case SERVICE_TOKENS -> credentials(stores.tokens().create(call, body));
            case CERTIFICATES -> stores.certificates().create(call, body);
            case CUSTOM_PAGES -> stores.pages().create(call, body);
            case GROUPS -> stores.groups().create(call, body);
            case POLICIES -> stores.policies().create(call, body);
            case APPLICATIONS -> stores.applications().create(call, body);
            case TUNNELS -> tunnel(body);
            case ORIGINS -> stores.origins().create(call, body);
            case ORGANIZATION -> throw new IllegalStateException("there is always one organization");
        };
        return made.path("id").asString(made.path("uid").asString(entry.label()));
    }

    /** A new service token's secret is shown here, and never again. */
    private ObjectNode credentials(ObjectNode token) {
        credentials
                .addObject()
                .put("service_token", token.path("name").asString(""))
                .put("client_id", token.path("client_id").asString(""))
                .put("client_secret", token.path("client_secret").asString(""));
        return token;
    }

    /** A new tunnel's token is shown here; the API shows it again to who may see tokens. */
    private ObjectNode tunnel(Fields body) {
        ObjectNode made = stores.tunnels().create(call, Fields.of(tunnelItself(body.json())));
        credentials
                .addObject()
                .put("tunnel", made.path("name").asString(""))
                .put("token", made.path("token").asString(""));
        wire(UUID.fromString(made.path("id").asString()), body.json(), null);
        return made;
    }

    private static ObjectNode tunnelItself(ObjectNode json) {
        ObjectNode itself = json.deepCopy();
        itself.remove(List.of("config", "hostnames"));
        return itself;
    }

    private void changeTunnel(UUID id, Fields body, Item item) {
        ObjectNode itself = tunnelItself(body.json());
        itself.putIfAbsent("config_src", itself.stringNode("local"));
        boolean same = itself.path("name").equals(item.view().path("name"))
                && itself.path("config_src").equals(item.view().path("config_src"));
        if (!same) {
            stores.tunnels().merge(call, id, Fields.of(itself));
        }
        wire(id, body.json(), item);
    }

    /** Gives a tunnel its configuration and its hostnames. Without a configuration in the file the one it has stays. */
    private void wire(UUID id, ObjectNode json, @Nullable Item item) {
        JsonNode config = json.path("config");
        if (config.isObject() && (item == null || !config.equals(item.view().path("config")))) {
            ObjectNode wrapped = JsonNodeFactory.instance.objectNode();
            wrapped.set("config", config);
            stores.tunnelConfigurations().replace(call, id, Fields.of(wrapped));
        }
        Set<String> wanted = new LinkedHashSet<>();
        json.path("hostnames").forEach(each -> wanted.add(each.asString("")));
        releaseHostnames(id, wanted);
        wanted.forEach(hostname -> stores.dns()
                .route(
                        call,
                        id,
                        Fields.of(JsonNodeFactory.instance
                                .objectNode()
                                .put("type", "dns")
                                .put("user_hostname", hostname)
                                .put("overwrite_existing", true))));
    }

    private void releaseHostnames(UUID tunnel, Set<String> except) {
        Map<String, UUID> present = stores.dns().toTunnels().getOrDefault(tunnel, Collections.emptySortedMap());
        present.forEach((hostname, record) -> {
            if (!except.contains(hostname)) {
                stores.dns().delete(call, record);
            }
        });
    }

    private String change(Entry entry, Item item) {
        String type = item.view().path("type").asString("");
        String wanted = entry.json().path("type").asString(type);
        if (!type.equals(wanted)) {
            throw ApiProblem.invalid(
                    "/type",
                    "cannot change from " + type + "; give the " + wanted + " another name, or remove this one first");
        }
        Fields body = Fields.of(body(entry, item));
        switch (entry.kind()) {
            case TAGS -> throw new IllegalStateException("a tag is its name");
            case LISTS -> changeList(UUID.fromString(item.id()), body, item);
            case IDENTITY_PROVIDERS -> stores.providers().replace(call, UUID.fromString(item.id()), body);
            case SERVICE_TOKENS -> stores.tokens().merge(call, UUID.fromString(item.id()), body);
            case CERTIFICATES -> changeCertificate(UUID.fromString(item.id()), body, item);
            case CUSTOM_PAGES -> stores.pages().replace(call, UUID.fromString(item.id()), body);
            case GROUPS -> stores.groups().replace(call, UUID.fromString(item.id()), body);
            case POLICIES -> stores.policies().replace(call, UUID.fromString(item.id()), body);
            case APPLICATIONS -> stores.applications().replaceWhole(call, item.id(), body);
            case TUNNELS -> changeTunnel(UUID.fromString(item.id()), body, item);
            case ORIGINS -> stores.origins().replace(call, UUID.fromString(item.id()), body);
            case ORGANIZATION -> stores.organization().merge(call, body, false);
        }
        return item.id();
    }

    private void changeCertificate(UUID id, Fields body, Item item) {
        if (!body.json().path("certificate").equals(item.view().path("certificate"))) {
            throw ApiProblem.invalid("/certificate", "cannot change; give the new one a name of its own");
        }
        body.json().putIfAbsent("associated_hostnames", JsonNodeFactory.instance.arrayNode());
        body.json().putIfAbsent("revocation", JsonNodeFactory.instance.stringNode("named"));
        body.json().putIfAbsent("crl", JsonNodeFactory.instance.nullNode());
        stores.certificates().replace(call, id, body);
    }

    /** The API wants the hosts of an authority emptied first. */
    private void removeCertificate(UUID id) {
        ObjectNode emptied = JsonNodeFactory.instance.objectNode();
        emptied.putArray("associated_hostnames");
        stores.certificates().replace(call, id, Fields.of(emptied));
        stores.certificates().delete(call, id);
    }

    private void removeTunnel(UUID id) {
        releaseHostnames(id, Set.of());
        stores.tunnels().delete(call, id, false);
    }

    /** For the API a list without items keeps those it has; in the file it has none. */
    private void changeList(UUID id, Fields body, Item item) {
        stores.lists().replace(call, id, body);
        JsonNode before = item.view().path("items");
        if (body.json().path("items").isEmpty() && !before.isEmpty()) {
            ObjectNode emptied = JsonNodeFactory.instance.objectNode();
            ArrayNode remove = emptied.putArray("remove");
            before.forEach(each -> remove.add(each.path("value").asString("")));
            stores.lists().patch(call, id, Fields.of(emptied));
        }
    }

    private void remove(Item item) {
        switch (item.kind()) {
            case TAGS -> stores.tags().delete(call, item.id());
            case LISTS -> stores.lists().delete(call, UUID.fromString(item.id()));
            case IDENTITY_PROVIDERS -> stores.providers().delete(call, UUID.fromString(item.id()));
            case SERVICE_TOKENS -> stores.tokens().delete(call, UUID.fromString(item.id()));
            case CERTIFICATES -> removeCertificate(UUID.fromString(item.id()));
            case CUSTOM_PAGES -> stores.pages().delete(call, UUID.fromString(item.id()));
            case GROUPS -> stores.groups().delete(call, UUID.fromString(item.id()));
            case POLICIES -> stores.policies().delete(call, UUID.fromString(item.id()));
            case APPLICATIONS -> stores.applications().delete(call, item.id());
            case TUNNELS -> removeTunnel(UUID.fromString(item.id()));
            case ORIGINS -> stores.origins().delete(call, UUID.fromString(item.id()));
            case ORGANIZATION -> throw new IllegalStateException("there is always one organization");
        }
    }

    /** Groups that name others go before those. */
    private void removeGroups() {
        List<Item> left = new ArrayList<>(match.removed(ConfigKind.GROUPS));
        while (!left.isEmpty()) {
            List<Item> unnamed = left.stream()
                    .filter(item -> left.stream()
                            .noneMatch(other -> !other.equals(item)
                                    && groupsIn(other.entry()).contains(item.label())))
                    .toList();
            if (unnamed.isEmpty()) {
                throw new IllegalStateException("groups form a circle: " + left);
            }
            unnamed.forEach(this::remove);
            left.removeAll(unnamed);
        }
    }

    /** In the file's order, but groups after the groups they name. */
    private List<Entry> inOrder(ConfigKind kind) {
        List<Entry> entries = document.all(kind);
        if (kind != ConfigKind.GROUPS) {
            return entries;
        }
        Map<String, Entry> byLabel = new LinkedHashMap<>();
        entries.forEach(entry -> byLabel.put(entry.label(), entry));
        Set<Entry> ordered = new LinkedHashSet<>();
        entries.forEach(entry -> visit(entry, byLabel, ordered, new ArrayDeque<>()));
        return List.copyOf(ordered);
    }

    private static void visit(Entry group, Map<String, Entry> byLabel, Set<Entry> ordered, Deque<Entry> path) {
        if (ordered.contains(group)) {
            return;
        }
        if (path.contains(group)) {
            throw ApiProblem.invalid(group.pointer(), "makes the group contain itself");
        }
        path.push(group);
        for (String named : groupsIn(group.json())) {
            Entry inner = byLabel.get(named);
            if (inner != null) {
                visit(inner, byLabel, ordered, path);
            }
        }
        path.pop();
        ordered.add(group);
    }

    private static Set<String> groupsIn(JsonNode group) {
        Set<String> named = new LinkedHashSet<>();
        for (String list : List.of("include", "exclude", "require")) {
            group.path(list).forEach(rule -> {
                String name = rule.path("group").path("name").asString("");
                if (!name.isEmpty()) {
                    named.add(name);
                }
            });
        }
        return named;
    }

    /** The body the API takes. */
    private ObjectNode body(Entry entry, @Nullable Item item) {
        if (!(entry.json() instanceof ObjectNode object)) {
            return JsonNodeFactory.instance.objectNode().put("name", entry.label());
        }
        ObjectNode body = object.deepCopy();
        body.remove("id");
        switch (entry.kind()) {
            case LISTS -> items(body);
            case IDENTITY_PROVIDERS -> references(body, entry, item);
            case SERVICE_TOKENS -> body.putIfAbsent("enabled", body.booleanNode(true));
            case GROUPS, POLICIES -> ConfigReferences.rulesToApi(body, entry.pointer(), this::id);
            case APPLICATIONS -> application(body, entry, item);
            case ORGANIZATION -> organization(body, entry, item);
            case TAGS, CERTIFICATES, CUSTOM_PAGES, TUNNELS, ORIGINS -> {
                // As it is.
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

    /** A reference the command line could not resolve keeps what is stored; a new provider has nothing stored. */
    private static void references(ObjectNode body, Entry entry, @Nullable Item item) {
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

    private void application(ObjectNode body, Entry entry, @Nullable Item item) {
        if (body.has("allowed_idps")) {
            body.set(
                    "allowed_idps",
                    ConfigReferences.list(
                            body.get("allowed_idps"),
                            ConfigKind.IDENTITY_PROVIDERS,
                            entry.pointer() + "/allowed_idps",
                            this::id));
        }
        if (body.has("custom_pages")) {
            body.set(
                    "custom_pages",
                    ConfigReferences.list(
                            body.get("custom_pages"),
                            ConfigKind.CUSTOM_PAGES,
                            entry.pointer() + "/custom_pages",
                            this::id));
        }
        ArrayNode attached = JsonNodeFactory.instance.arrayNode();
        Map<String, Deque<String>> own = ownPolicies(item);
        JsonNode policies = body.path("policies");
        for (int i = 0; i < policies.size(); i++) {
            attached.add(attachment(policies.get(i), entry.pointer() + "/policies/" + i, own));
        }
        body.set("policies", attached);
    }

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

    /** The API merges an organization; the file says all of it, so what it leaves out goes back to its default. */
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
