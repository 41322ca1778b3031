package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes single changes until the configuration equals the file. First it removes objects that occupy hosts
 * (applications, origins), then it creates and changes objects in an order in which references exist already, and last
 * it removes objects that nothing refers to any more. One instance serves one write.
 */
final class ConfigChanges {
    /**
     * Changes after which the persistence context is flushed and cleared: many managed entities slow every query down.
     */
    private static final int SETTLE_EVERY = 5;

    /** Kinds that occupy hosts; removed before anything is created. */
    private static final List<ConfigKind> REMOVED_FIRST = List.of(
            ConfigKind.APPLICATIONS,
            ConfigKind.DNS_RECORDS,
            ConfigKind.TUNNELS,
            ConfigKind.ORIGINS,
            ConfigKind.ZONES,
            ConfigKind.CERTIFICATE_SETTINGS);

    /** Kinds that others refer to; each is removed after the kinds that can refer to it. */
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
    private final ConfigSections sections;
    private final ConfigDocument document;
    private final ConfigMatch match;
    private final ApiSpelling spelling;
    private final ArrayNode credentials = JsonNodeFactory.instance.arrayNode();
    private int done;

    ConfigChanges(
            AdminCall call,
            Transactions transactions,
            ConfigSections sections,
            SamlCertificates certificateSets,
            ConfigWorld live,
            ConfigDocument document,
            ConfigMatch match) {
        this.call = call.unconditional();
        this.transactions = transactions;
        this.sections = sections;
        this.document = document;
        this.match = match;
        this.spelling = new ApiSpelling(
                live, document, match, () -> certificateSets.create(this.call).toString());
    }

    /**
     * Makes the changes; returns the new credentials, which are shown only once.
     *
     * @param touched which existing objects to write
     */
    ArrayNode make(Predicate<Item> touched) {
        REMOVED_FIRST.forEach(this::remove);
        for (ConfigKind kind : ConfigKind.values()) {
            release(kind, touched);
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

    private void release(ConfigKind kind, Predicate<Item> touched) {
        match.known(kind).values().stream()
                .filter(touched)
                .forEach(item -> sections.of(kind).release(call, item));
    }

    private List<Entry> inOrder(ConfigKind kind) {
        List<Entry> entries = document.all(kind);
        return kind == ConfigKind.GROUPS ? GroupOrder.toMake(entries) : entries;
    }

    private void write(Entry entry, @Nullable Item item) {
        transactions.requireTimeLeft();
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
        ConfigSection section = sections.of(entry.kind());
        ObjectNode made = section.create(call, Fields.of(spelling.body(entry, null)));
        section.credential(made).ifPresent(credentials::add);
        return made.path("id").asString(made.path("uid").asString(entry.label()));
    }

    private String change(Entry entry, Item item) {
        String type = item.view().path("type").asString("");
        String wanted = entry.json().path("type").asString(type);
        if (!type.equals(wanted) && entry.kind() != ConfigKind.ZONES) {
            throw ApiProblem.invalid(
                    "/type",
                    "cannot change from " + type + "; give the " + wanted + " another name, or remove this one first");
        }
        sections.of(entry.kind())
                .changeAndShow(call, item, Fields.of(spelling.body(entry, item)))
                .ifPresent(credentials::add);
        return item.id();
    }

    private void remove(ConfigKind kind) {
        List<Item> removed = match.removed(kind);
        (kind == ConfigKind.GROUPS ? GroupOrder.toRemove(removed) : removed).forEach(item -> {
            transactions.requireTimeLeft();
            sections.of(kind).remove(call, item);
        });
    }
}
