package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The order among groups, the one kind whose objects name each other: who is named is made first and removed last. */
final class GroupOrder {
    private GroupOrder() {}

    /**
     * In the file's order, but groups after the groups they name.
     *
     * @throws ApiProblem naming a group that contains itself
     */
    static List<Entry> toMake(List<Entry> groups) {
        Map<String, Entry> byLabel = new LinkedHashMap<>();
        groups.forEach(entry -> byLabel.put(entry.label(), entry));
        Set<Entry> ordered = new LinkedHashSet<>();
        groups.forEach(entry -> visit(entry, byLabel, ordered, new ArrayDeque<>()));
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

    /** Groups before the groups they name. */
    static List<Item> toRemove(List<Item> groups) {
        List<Item> left = new ArrayList<>(groups);
        List<Item> ordered = new ArrayList<>();
        while (!left.isEmpty()) {
            List<Item> unnamed =
                    left.stream().filter(item -> !isNamed(item, left)).toList();
            if (unnamed.isEmpty()) {
                throw new IllegalStateException("groups form a circle: " + left);
            }
            ordered.addAll(unnamed);
            left.removeAll(unnamed);
        }
        return ordered;
    }

    private static boolean isNamed(Item group, List<Item> among) {
        return among.stream()
                .anyMatch(
                        other -> !other.equals(group) && groupsIn(other.entry()).contains(group.label()));
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
}
