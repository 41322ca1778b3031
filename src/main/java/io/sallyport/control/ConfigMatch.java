package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds for each entry of the file the object it speaks of: by id, else by name, an application else by its domain, so that a
 * renamed application keeps its id, its audience tag and its sessions, and a DNS record by type and name. What remains on one side is new, or gone.
 */
final class ConfigMatch {
    private final Map<ConfigKind, Map<Entry, Item>> known = new EnumMap<>(ConfigKind.class);
    private final List<Entry> created = new ArrayList<>();
    private final List<Item> removed = new ArrayList<>();

    private ConfigMatch() {}

    static ConfigMatch of(ConfigDocument document, ConfigWorld live) {
        ConfigMatch match = new ConfigMatch();
        for (ConfigKind kind : ConfigKind.values()) {
            if (document.speaksOf(kind)) {
                match.section(kind, document.all(kind), live.all(kind));
            }
        }
        return match;
    }

    private void section(ConfigKind kind, List<Entry> entries, List<Item> items) {
        Map<Entry, Item> found = new LinkedHashMap<>();
        Set<Item> left = new LinkedHashSet<>(items);
        pair(entries, found, left, entry -> entry.id().orElse(""), Item::id);
        pair(entries, found, left, Entry::label, Item::label);
        pair(entries, found, left, Entry::name, item -> ConfigLabels.name(kind, item.view()));
        if (kind == ConfigKind.DNS_RECORDS) {
            pair(
                    entries,
                    found,
                    left,
                    entry -> DnsSpelling.kindOf(entry.json()),
                    item -> DnsSpelling.kindOf(item.view()));
        }
        if (kind == ConfigKind.APPLICATIONS) {
            pair(
                    entries,
                    found,
                    left,
                    entry -> entry.json().path("domain").asString(""),
                    item -> item.view().path("domain").asString(""));
        }
        known.put(kind, found);
        entries.stream().filter(entry -> !found.containsKey(entry)).forEach(created::add);
        removed.addAll(left);
    }

    /** Pairs what is still alone on both sides by a text that both have; an empty one pairs nothing. */
    private static void pair(
            List<Entry> entries,
            Map<Entry, Item> found,
            Set<Item> left,
            Function<Entry, String> ofEntry,
            Function<Item, String> ofItem) {
        Map<String, Deque<Item>> byText = new HashMap<>();
        left.forEach(item -> byText.computeIfAbsent(ofItem.apply(item), text -> new ArrayDeque<>())
                .add(item));
        for (Entry entry : entries) {
            String text = ofEntry.apply(entry);
            Deque<Item> candidates = text.isEmpty() || found.containsKey(entry) ? null : byText.get(text);
            Item item = candidates == null ? null : candidates.poll();
            if (item != null) {
                found.put(entry, item);
                left.remove(item);
            }
        }
    }

    /** What the entry speaks of; null when it is new. */
    @Nullable
    Item item(Entry entry) {
        return known.getOrDefault(entry.kind(), Map.of()).get(entry);
    }

    /** Entries that speak of something there is. */
    Map<Entry, Item> known(ConfigKind kind) {
        return known.getOrDefault(kind, Map.of());
    }

    /** The ids of objects whose entry in the file reads otherwise than an export would. */
    Map<ConfigKind, Set<String>> differing() {
        Map<ConfigKind, Set<String>> differing = new EnumMap<>(ConfigKind.class);
        known.forEach((kind, pairs) -> {
            Set<String> ids = new HashSet<>();
            pairs.forEach((entry, item) -> {
                if (!entry.json().equals(item.entry())) {
                    ids.add(item.id());
                }
            });
            differing.put(kind, ids);
        });
        return differing;
    }

    List<Entry> created() {
        return List.copyOf(created);
    }

    List<Item> removed() {
        return List.copyOf(removed);
    }

    /** Removed objects of a kind. */
    List<Item> removed(ConfigKind kind) {
        return removed.stream().filter(item -> item.kind() == kind).toList();
    }
}
