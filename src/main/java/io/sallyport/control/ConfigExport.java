package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the whole configuration for the one file, through what shows each kind to the API. Sorted by name, so that the same
 * configuration is the same text; {@link FileSpelling} says how each object is written.
 *
 * <p>Not in it: people and their sessions, tokens of this API, keys and secrets themselves, and the team domain (a setting of the
 * process). {@code WholeConfigurationIT} names every table, with its section or with the reason why it has none.
 */
final class ConfigExport {
    private final Transactions transactions;
    private final ConfigSections sections;
    private final IdentityProviderChanges providers;

    ConfigExport(Transactions transactions, ConfigSections sections, IdentityProviderChanges providers) {
        this.transactions = transactions;
        this.sections = sections;
        this.providers = providers;
    }

    /** The configuration as the surrounding transaction sees it, or as it is. */
    ConfigWorld read() {
        return transactions.read(() -> {
            Map<ConfigKind, List<ObjectNode>> views = views();
            FileSpelling spelling = new FileSpelling(new ConfigLabels(views), providers::secretNames);
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
        for (ConfigKind kind : ConfigKind.values()) {
            views.put(kind, sections.of(kind).all());
        }
        return views;
    }
}
