package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
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

    /** Who holds a place, before anything is made. */
    private static final List<ConfigKind> REMOVED_FIRST =
            List.of(ConfigKind.APPLICATIONS, ConfigKind.TUNNELS, ConfigKind.ORIGINS);

    /** Who may be named, after everything that names: each only after those that could name it. */
    private static final List<ConfigKind> REMOVED_LAST = List.of(
            ConfigKind.POLICIES,
            ConfigKind.GROUPS,
            ConfigKind.CUSTOM_PAGES,
            ConfigKind.CERTIFICATES,
            ConfigKind.SERVICE_TOKENS,
            ConfigKind.WORKLOAD_ISSUERS,
            ConfigKind.IDENTITY_PROVIDERS,
            ConfigKind.LISTS,
            ConfigKind.TAGS);

    private final AdminCall call;
    private final Transactions transactions;
    private final ConfigStores stores;
    private final ConfigDocument document;
    private final ConfigMatch match;
    private final ApiSpelling spelling;
    private final ConfigTunnels tunnels;
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
        this.spelling = new ApiSpelling(live, document, match);
        this.tunnels = new ConfigTunnels(this.call, stores);
    }

    /**
     * Makes the changes; answers with the credentials that were made on the way, which nobody sees again.
     *
     * @param touched which of the objects that are there already to write
     */
    ArrayNode make(Predicate<Item> touched) {
        REMOVED_FIRST.forEach(this::remove);
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
        REMOVED_LAST.forEach(this::remove);
        return credentials;
    }

    /** Two applications may exchange their hosts, which one after the other they could not. */
    private void releasePlaces(Predicate<Item> touched) {
        match.known(ConfigKind.APPLICATIONS).values().stream()
                .filter(touched)
                .forEach(item -> stores.applications().releasePlaces(UUID.fromString(item.id())));
    }

    private List<Entry> inOrder(ConfigKind kind) {
        List<Entry> entries = document.all(kind);
        return kind == ConfigKind.GROUPS ? GroupOrder.toMake(entries) : entries;
    }

    private void write(Entry entry, @Nullable Item item) {
        try {
            spelling.learn(entry, item == null ? create(entry) : change(entry, item));
        } catch (ApiProblem problem) {
            throw problem.pointerOrEmpty().startsWith(entry.pointer()) ? problem : problem.at(entry.pointer());
        }
        if (++done % SETTLE_EVERY == 0) {
            transactions.settle();
        }
    }

    private String create(Entry entry) {
        Fields body = Fields.of(spelling.body(entry, null));
        ObjectNode made = switch (entry.kind()) {
            case TAGS -> stores.tags().create(call, body);
            case LISTS -> stores.lists().create(call, body);
            case IDENTITY_PROVIDERS -> stores.providers().create(call, body);
            case SERVICE_TOKENS -> showOnce(stores.tokens().create(call, body));
            case WORKLOAD_ISSUERS -> stores.issuers().create(call, body);
            case CERTIFICATES -> stores.certificates().create(call, body);
            case CUSTOM_PAGES -> stores.pages().create(call, body);
            case GROUPS -> stores.groups().create(call, body);
            case POLICIES -> stores.policies().create(call, body);
            case APPLICATIONS -> stores.applications().create(call, body);
            case TUNNELS -> showToken(tunnels.create(body.json()));
            case ORIGINS -> stores.origins().create(call, body);
            case ORGANIZATION -> throw new IllegalStateException("there is always one organization");
        };
        return made.path("id").asString(made.path("uid").asString(entry.label()));
    }

    /** A new service token's secret is shown here, and never again. */
    private ObjectNode showOnce(ObjectNode token) {
        credentials
                .addObject()
                .put("service_token", token.path("name").asString(""))
                .put("client_id", token.path("client_id").asString(""))
                .put("client_secret", token.path("client_secret").asString(""));
        return token;
    }

    /** A new tunnel's token is shown here; the API shows it again to who may see tokens. */
    private ObjectNode showToken(ObjectNode tunnel) {
        credentials
                .addObject()
                .put("tunnel", tunnel.path("name").asString(""))
                .put("token", tunnel.path("token").asString(""));
        return tunnel;
    }

    private String change(Entry entry, Item item) {
        String type = item.view().path("type").asString("");
        String wanted = entry.json().path("type").asString(type);
        if (!type.equals(wanted)) {
            throw ApiProblem.invalid(
                    "/type",
                    "cannot change from " + type + "; give the " + wanted + " another name, or remove this one first");
        }
        Fields body = Fields.of(spelling.body(entry, item));
        switch (entry.kind()) {
            case TAGS -> throw new IllegalStateException("a tag is its name");
            case LISTS -> changeList(UUID.fromString(item.id()), body, item);
            case IDENTITY_PROVIDERS -> stores.providers().replace(call, UUID.fromString(item.id()), body);
            case SERVICE_TOKENS -> stores.tokens().merge(call, UUID.fromString(item.id()), body);
            case WORKLOAD_ISSUERS -> stores.issuers().replace(call, UUID.fromString(item.id()), body);
            case CERTIFICATES -> changeCertificate(UUID.fromString(item.id()), body, item);
            case CUSTOM_PAGES -> stores.pages().replace(call, UUID.fromString(item.id()), body);
            case GROUPS -> stores.groups().replace(call, UUID.fromString(item.id()), body);
            case POLICIES -> stores.policies().replace(call, UUID.fromString(item.id()), body);
            case APPLICATIONS -> stores.applications().replaceWhole(call, item.id(), body);
            case TUNNELS -> tunnels.change(UUID.fromString(item.id()), body.json(), item);
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

    private void remove(ConfigKind kind) {
        List<Item> removed = match.removed(kind);
        (kind == ConfigKind.GROUPS ? GroupOrder.toRemove(removed) : removed).forEach(this::remove);
    }

    private void remove(Item item) {
        switch (item.kind()) {
            case TAGS -> stores.tags().delete(call, item.id());
            case LISTS -> stores.lists().delete(call, UUID.fromString(item.id()));
            case IDENTITY_PROVIDERS -> stores.providers().delete(call, UUID.fromString(item.id()));
            case SERVICE_TOKENS -> stores.tokens().delete(call, UUID.fromString(item.id()));
            case WORKLOAD_ISSUERS -> stores.issuers().delete(call, UUID.fromString(item.id()));
            case CERTIFICATES -> removeCertificate(UUID.fromString(item.id()));
            case CUSTOM_PAGES -> stores.pages().delete(call, UUID.fromString(item.id()));
            case GROUPS -> stores.groups().delete(call, UUID.fromString(item.id()));
            case POLICIES -> stores.policies().delete(call, UUID.fromString(item.id()));
            case APPLICATIONS -> stores.applications().delete(call, item.id());
            case TUNNELS -> tunnels.remove(UUID.fromString(item.id()));
            case ORIGINS -> stores.origins().delete(call, UUID.fromString(item.id()));
            case ORGANIZATION -> throw new IllegalStateException("there is always one organization");
        }
    }

    /** The API wants the hosts of an authority emptied first. */
    private void removeCertificate(UUID id) {
        ObjectNode emptied = JsonNodeFactory.instance.objectNode();
        emptied.putArray("associated_hostnames");
        stores.certificates().replace(call, id, Fields.of(emptied));
        stores.certificates().delete(call, id);
    }
}
