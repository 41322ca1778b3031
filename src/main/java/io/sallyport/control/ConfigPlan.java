package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** What a change makes of the configuration: created, changed with every field, removed. Read off the two worlds, not off the file. */
final class ConfigPlan {
    private final List<Item> created = new ArrayList<>();
    private final List<Change> changed = new ArrayList<>();
    private final List<Item> removed = new ArrayList<>();

    /** One object before and after. */
    private record Change(Item item, List<Field> fields) {}

    private record Field(
            String path,
            @Nullable JsonNode before,
            @Nullable JsonNode after) {}

    private ConfigPlan() {}

    /** @param newSecrets provider id and member, separated by a slash, of secrets that are replaced */
    static ConfigPlan between(ConfigWorld before, ConfigWorld after, Set<String> newSecrets) {
        ConfigPlan plan = new ConfigPlan();
        for (ConfigKind kind : ConfigKind.values()) {
            for (Item item : after.all(kind)) {
                before.find(kind, item.id())
                        .ifPresentOrElse(known -> plan.compare(known, item, newSecrets), () -> plan.created.add(item));
            }
            before.all(kind).stream()
                    .filter(item -> after.find(kind, item.id()).isEmpty())
                    .forEach(plan.removed::add);
        }
        return plan;
    }

    private void compare(Item before, Item after, Set<String> newSecrets) {
        List<Field> fields = new ArrayList<>();
        compare("", before.entry(), after.entry(), fields);
        newSecrets.stream()
                .filter(secret -> secret.startsWith(after.id() + "/"))
                .map(secret -> secret.substring(after.id().length()))
                .map(secret -> new Field("/config" + secret, text("[secret]"), text("[another secret]")))
                .forEach(fields::add);
        if (!fields.isEmpty()) {
            changed.add(new Change(after, fields));
        }
    }

    private static JsonNode text(String text) {
        return JsonNodeFactory.instance.stringNode(text);
    }

    private static void compare(String path, JsonNode before, JsonNode after, List<Field> fields) {
        if (before.equals(after)) {
            return;
        }
        if (before instanceof ObjectNode old && after instanceof ObjectNode now) {
            Set<String> names = new LinkedHashSet<>(old.propertyNames());
            names.addAll(now.propertyNames());
            for (String name : names) {
                compare(path + "/" + StrictJson.escape(name), old.path(name), now.path(name), fields);
            }
        } else if (before instanceof ArrayNode old && after instanceof ArrayNode now && old.size() == now.size()) {
            for (int i = 0; i < old.size(); i++) {
                compare(path + "/" + i, old.get(i), now.get(i), fields);
            }
        } else {
            fields.add(new Field(path, present(before), present(after)));
        }
    }

    private static @Nullable JsonNode present(JsonNode node) {
        return node instanceof MissingNode ? null : node;
    }

    boolean isEmpty() {
        return created.isEmpty() && changed.isEmpty() && removed.isEmpty();
    }

    /** Whether this object is changed. */
    boolean changes(ConfigKind kind, String id) {
        return changed.stream()
                .anyMatch(change ->
                        change.item().kind() == kind && change.item().id().equals(id));
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode newOnes = json.putArray("created");
        created.forEach(item -> newOnes.add(named(item)));
        ArrayNode others = json.putArray("changed");
        changed.forEach(change -> {
            ObjectNode each = named(change.item());
            ArrayNode fields = each.putArray("fields");
            change.fields().forEach(field -> {
                ObjectNode one = fields.addObject().put("path", field.path());
                if (field.before() != null) {
                    one.set("before", field.before());
                }
                if (field.after() != null) {
                    one.set("after", field.after());
                }
            });
            others.add(each);
        });
        ArrayNode gone = json.putArray("removed");
        removed.forEach(item -> gone.add(named(item)));
        return json;
    }

    private static ObjectNode named(Item item) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", item.kind().singular())
                .put("name", item.label());
    }
}
