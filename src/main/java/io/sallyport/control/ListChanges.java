package io.sallyport.control;

import io.sallyport.catalog.ListItemRepository;
import io.sallyport.catalog.ListItemRow;
import io.sallyport.catalog.ListRepository;
import io.sallyport.catalog.ListRow;
import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes value lists, which policies name in {@code email_list} and {@code ip_list} rules. */
final class ListChanges {
    private static final String KIND = "list";
    private static final int MOST_ITEMS = 20_000;
    private static final Sort BY_PLACE = Sort.by("id");
    private static final Set<String> TYPES =
            Set.of("EMAIL", "IP", "SERIAL", "URL", "DOMAIN", "HOSTNAME", "LOCATION", "DEVICE", "CATEGORY");

    /** One entry as a request describes it. */
    private record Item(String value, @Nullable String description) {}

    private final Transactions transactions;
    private final AuditedRows<ListRow> rows;
    private final ListRepository lists;
    private final ListItemRepository items;
    private final References references;
    private final InstantSource clock;

    ListChanges(
            Transactions transactions,
            ListRepository lists,
            ListItemRepository items,
            References references,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, ListRow::id, this::view);
        this.lists = lists;
        this.items = items;
        this.references = references;
        this.clock = clock;
    }

    /** All lists, without their items; filter {@code type}. */
    List<ObjectNode> list(Query query) {
        return transactions.read(() ->
                lists.findAll(Filters.<ListRow>is("type", query.text("type")), Filters.BY_AGE).stream()
                        .map(this::summary)
                        .toList());
    }

    /** All lists with their items. */
    List<ObjectNode> whole() {
        return transactions.read(
                () -> lists.findAll(Filters.BY_AGE).stream().map(this::view).toList());
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    Paged<ObjectNode> items(UUID id, Query query) {
        Paging paging = query.paging();
        return transactions.read(() -> {
            find(id);
            var page = items.findByListId(id, PageRequest.of(paging.page() - 1, paging.perPage(), BY_PLACE));
            return new Paged<>(paging, page.getContent(), page.getTotalElements()).map(ListChanges::view);
        });
    }

    ObjectNode create(AdminCall call, Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        String type = fields.oneOf("type", TYPES).orElseThrow(() -> fields.invalid("type", "is required"));
        Map<String, Item> wanted = readItems(fields, "items", type);
        return rows.create(call, () -> {
            Instant now = clock.instant();
            ListRow row = lists.save(new ListRow(UUID.randomUUID(), name, type, description(fields), now));
            add(row, wanted.values(), now);
            return row;
        });
    }

    /**
     * Replaces the list. Without {@code items} the stored items stay; items that stay keep the time at which they were
     * added.
     */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        return rows.change(call, "replace", () -> find(id), row -> {
            Map<String, Item> wanted = readItems(fields, "items", row.type());
            Instant now = clock.instant();
            row.change(name, description(fields), now);
            if (!wanted.isEmpty()) {
                replaceItems(row, wanted, now);
            }
        });
    }

    /** Adds and removes single items; an item that exists already is not changed. */
    ObjectNode patch(AdminCall call, UUID id, Fields fields) {
        List<String> remove = fields.lines("remove", MOST_ITEMS, Limits.URL);
        return rows.change(call, "patch", () -> find(id), row -> {
            Map<String, Item> append = readItems(fields, "append", row.type());
            Instant now = clock.instant();
            if (!remove.isEmpty()) {
                items.deleteValues(id, remove);
            }
            present(id).keySet().forEach(append::remove);
            add(row, append.values(), now);
            row.change(
                    fields.line("name", Limits.NAME).orElse(row.name()),
                    fields.mentions("description") ? description(fields) : row.description(),
                    now);
        });
    }

    /** Refused while a policy or group names it. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            references.refuseIfNamed(id);
            lists.delete(row);
        });
    }

    private void replaceItems(ListRow row, Map<String, Item> wanted, Instant now) {
        Map<String, ListItemRow> present = present(row.id());
        items.deleteAllOf(row.id());
        List<ListItemRow> rows = new ArrayList<>();
        wanted.values().forEach(item -> {
            ListItemRow old = present.get(item.value());
            rows.add(new ListItemRow(row.id(), item.value(), item.description(), old == null ? now : old.createdAt()));
        });
        items.saveAll(rows);
    }

    private void add(ListRow row, Iterable<Item> wanted, Instant now) {
        wanted.forEach(item -> items.save(new ListItemRow(row.id(), item.value(), item.description(), now)));
    }

    private Map<String, ListItemRow> present(UUID id) {
        return items.findByListId(id, Pageable.unpaged(BY_PLACE)).stream()
                .collect(Collectors.toMap(ListItemRow::value, item -> item));
    }

    /** Reads items; of repeated values the first one counts. */
    private static Map<String, Item> readItems(Fields fields, String name, String type) {
        Map<String, Item> read = new LinkedHashMap<>();
        for (Fields item : fields.objects(name, MOST_ITEMS)) {
            String value = item.requiredLine("value", Limits.URL);
            requireType(item, value, type);
            read.putIfAbsent(value, new Item(value, description(item)));
        }
        return read;
    }

    private static void requireType(Fields item, String value, String type) {
        if (type.equals("EMAIL") && Email.parse(value).isEmpty()) {
            throw item.invalid("value", "must be an e-mail address");
        }
        if (type.equals("IP")) {
            try {
                Cidr.parse(value);
            } catch (IllegalArgumentException e) {
                throw item.invalid("value", String.valueOf(e.getMessage()));
            }
        }
    }

    private static @Nullable String description(Fields fields) {
        return fields.line("description", 2000).orElse(null);
    }

    private ListRow find(UUID id) {
        return lists.findById(id).orElseThrow(ApiProblem::notFound);
    }

    private ObjectNode view(ListRow row) {
        ObjectNode view = summary(row);
        ArrayNode values = view.arrayNode();
        items.findByListId(row.id(), Pageable.unpaged(BY_PLACE)).forEach(item -> values.add(view(item)));
        // Terraform's fifth provider takes [] for a change of a list that was written without items.
        if (!values.isEmpty()) {
            view.set("items", values);
        }
        return view;
    }

    private ObjectNode summary(ListRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("name", row.name())
                .put("type", row.type())
                .put("description", row.description() == null ? "" : row.description())
                .put("count", items.countByListId(row.id()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }

    private static ObjectNode view(ListItemRow row) {
        ObjectNode view = JsonNodeFactory.instance.objectNode().put("value", row.value());
        if (row.description() != null) {
            view.put("description", row.description());
        }
        view.set("created_at", ApiTimes.node(row.createdAt()));
        return view;
    }
}
