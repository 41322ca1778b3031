package io.sallyport.control;

import io.sallyport.catalog.TagRepository;
import io.sallyport.catalog.TagRow;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes tags. A tag's name is its id. */
final class TagChanges {
    private static final String KIND = "tag";
    private static final Pattern UNADDRESSABLE = Pattern.compile("[/\\\\%;]");

    private final Transactions transactions;
    private final TagRepository tags;
    private final References references;
    private final JdbcClient jdbc;
    private final AdminAudit audit;
    private final InstantSource clock;

    TagChanges(
            Transactions transactions,
            TagRepository tags,
            References references,
            JdbcClient jdbc,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.tags = tags;
        this.references = references;
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        Paging paging = query.paging();
        return transactions.read(() -> {
            var page = tags.findAll(PageRequest.of(paging.page() - 1, paging.perPage(), Sort.by("createdAt", "name")));
            return new Paged<>(paging, page.getContent(), page.getTotalElements()).map(this::view);
        });
    }

    ObjectNode get(String name) {
        return transactions.read(() -> view(find(name)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        String name = name(fields);
        return transactions.write(() -> {
            requireFree(name);
            ObjectNode after = view(tags.save(new TagRow(name, clock.instant(), clock.instant())));
            audit.record(call, "create", KIND, name, null, after);
            return after;
        });
    }

    /** Renames the tag, on the applications that carry it too. */
    ObjectNode replace(AdminCall call, String name, Fields fields) {
        String wanted = name(fields);
        return transactions.write(() -> {
            TagRow row = find(name);
            ObjectNode before = view(row);
            call.requireMatch(before);
            if (wanted.equals(name)) {
                return before;
            }
            requireFree(wanted);
            tags.delete(row);
            TagRow renamed = tags.saveAndFlush(new TagRow(wanted, row.createdAt(), clock.instant()));
            rename(name, wanted);
            ObjectNode after = view(renamed);
            audit.record(call, "replace", KIND, name, before, after);
            return after;
        });
    }

    /** Refused while an application carries it. */
    void delete(AdminCall call, String name) {
        transactions.write(() -> {
            TagRow row = find(name);
            ObjectNode before = view(row);
            call.requireMatch(before);
            references.refuseIfTagged(name);
            tags.delete(row);
            audit.record(call, "delete", KIND, name, before, null);
            return before;
        });
    }

    /** The name is the tag's address too, so it holds nothing that no address here can carry, escaped or not. */
    private static String name(Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        if (UNADDRESSABLE.matcher(name).find() || name.equals(".") || name.equals("..")) {
            throw fields.invalid(
                    "name", "must not hold / \\ % or ; and not be . or .., because it stands in the tag's address");
        }
        return name;
    }

    private void rename(String from, String to) {
        jdbc.sql("""
                        update applications set revision = revision + 1, body = jsonb_set(body, '{tags}', (
                            select jsonb_agg(tag order by tag collate "C") from (
                                select case when tag = :from then :to else tag end as tag
                                from jsonb_array_elements_text(body -> 'tags') as tags(tag)) as renamed))
                        where jsonb_exists(body -> 'tags', :from)""").param("from", from).param("to", to).update();
    }

    private void requireFree(String name) {
        if (tags.existsById(name)) {
            throw ApiProblem.conflict("/name a tag named " + name + " exists already");
        }
    }

    private TagRow find(String name) {
        return tags.findById(name).orElseThrow(() -> ApiProblem.notFound("no tag has this name"));
    }

    private ObjectNode view(TagRow row) {
        int applications = jdbc.sql("select count(*) from applications where jsonb_exists(body -> 'tags', :name)")
                .param("name", row.name())
                .query(Integer.class)
                .single();
        ObjectNode view =
                JsonNodeFactory.instance.objectNode().put("name", row.name()).put("app_count", applications);
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
