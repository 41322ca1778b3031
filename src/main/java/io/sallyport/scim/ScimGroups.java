package io.sallyport.scim;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The directory's groups (RFC 7643 §4.2). Members are rows of their own, so that adding or removing one of many
 * thousands changes one row.
 */
class ScimGroups implements ScimResources {
    private static final String SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group";
    private static final int LONGEST_NAME = 300;
    private static final int MOST_MEMBERS = 20_000;

    private static final Map<String, String> COLUMNS = Map.of(
            "id", "id::text = :%s",
            "displayname", "lower(display_name) = lower(:%s)",
            "externalid", "external_id = :%s",
            "members", "id in (select group_id from scim_members where user_id::text = :%s)",
            "members.value", "id in (select group_id from scim_members where user_id::text = :%s)");

    private final JdbcClient jdbc;
    private final DirectoryTable<Group> table;
    private final Leavers leavers;
    private final InstantSource clock;

    ScimGroups(JdbcClient jdbc, Leavers leavers, InstantSource clock) {
        this.jdbc = jdbc;
        this.table = new DirectoryTable<>(jdbc, "scim_groups", COLUMNS, ScimGroups::read);
        this.leavers = leavers;
        this.clock = clock;
    }

    private record Group(
            UUID id, String name, @Nullable String externalId, OffsetDateTime createdAt, OffsetDateTime updatedAt) {}

    @Override
    public String kind() {
        return "GROUP";
    }

    @Override
    public ObjectNode create(Directory directory, ObjectNode body) {
        OffsetDateTime now = now();
        Group group =
                new Group(UUID.randomUUID(), name(body), body.path("externalId").asString(null), now, now);
        try {
            jdbc.sql("""
                            insert into scim_groups (id, idp_id, display_name, external_id, created_at, updated_at)
                            values (:id, :idp, :name, :external, :now, :now)""")
                    .param("id", group.id())
                    .param("idp", directory.idp())
                    .param("name", group.name())
                    .param("external", group.externalId())
                    .param("now", now)
                    .update();
        } catch (DuplicateKeyException taken) {
            throw ScimProblem.taken("displayName");
        }
        leavers.regrouped(directory, add(directory, group.id(), members(body.path("members"))));
        return view(directory, group, true);
    }

    @Override
    public ObjectNode get(Directory directory, UUID id, boolean members) {
        return view(directory, table.find(directory, id), members);
    }

    @Override
    public Page list(Directory directory, Optional<ScimFilter> filter, int startIndex, int count, boolean members) {
        return table.page(directory, filter, startIndex, count, group -> view(directory, group, members));
    }

    @Override
    public ObjectNode replace(Directory directory, UUID id, ObjectNode body) {
        Group before = table.find(directory, id);
        Set<UUID> changed = new LinkedHashSet<>(set(directory, id, members(body.path("members"))));
        Group after =
                rename(directory, before, name(body), body.path("externalId").asString(null));
        if (!after.name().equals(before.name())) {
            changed.addAll(present(id));
        }
        leavers.regrouped(directory, changed);
        return view(directory, after, true);
    }

    @Override
    public ObjectNode patch(Directory directory, UUID id, List<ScimPatch.Operation> operations) {
        Group before = table.find(directory, id);
        Set<UUID> changed = new LinkedHashSet<>();
        ObjectNode own = JsonNodeFactory.instance
                .objectNode()
                .put("displayName", before.name())
                .put("externalId", before.externalId());
        for (ScimPatch.Operation operation : operations) {
            if (operation.path().is("members")) {
                changed.addAll(patchMembers(directory, id, operation));
            } else {
                ScimPatch.apply(own, List.of(operation));
            }
        }
        Group after =
                rename(directory, before, name(own), own.path("externalId").asString(null));
        if (!after.name().equals(before.name())) {
            changed.addAll(present(id));
        }
        leavers.regrouped(directory, changed);
        return view(directory, after, true);
    }

    @Override
    public void delete(Directory directory, UUID id) {
        Group group = table.find(directory, id);
        List<UUID> members = present(id);
        jdbc.sql("delete from scim_groups where id = ?").param(group.id()).update();
        leavers.regrouped(directory, members);
    }

    private Set<UUID> patchMembers(Directory directory, UUID group, ScimPatch.Operation operation) {
        Map.Entry<String, String> selector = operation.path().selector();
        Set<UUID> named = selector != null && selector.getKey().equalsIgnoreCase("value")
                ? Set.of(id(selector.getValue()))
                : members(operation.value());
        return switch (operation.verb()) {
            case ADD -> add(directory, group, named);
            case REPLACE -> set(directory, group, named);
            case REMOVE ->
                selector == null && operation.value().isMissingNode()
                        ? set(directory, group, Set.of())
                        : remove(group, named);
        };
    }

    /** People this directory does not know are passed over: Entra sends groups within groups, which are none. */
    private Set<UUID> add(Directory directory, UUID group, Set<UUID> members) {
        if (members.isEmpty()) {
            return Set.of();
        }
        return new LinkedHashSet<>(jdbc.sql("""
                        insert into scim_members (group_id, user_id)
                        select :group, id from scim_users where idp_id = :idp and id in (:members)
                        on conflict do nothing returning user_id""")
                .param("group", group)
                .param("idp", directory.idp())
                .param("members", members)
                .query((row, i) -> row.getObject(1, UUID.class))
                .list());
    }

    private Set<UUID> remove(UUID group, Set<UUID> members) {
        if (members.isEmpty()) {
            return Set.of();
        }
        return new LinkedHashSet<>(
                jdbc.sql("delete from scim_members where group_id = :group and user_id in (:members) returning user_id")
                        .param("group", group)
                        .param("members", members)
                        .query((row, i) -> row.getObject(1, UUID.class))
                        .list());
    }

    private Set<UUID> set(Directory directory, UUID group, Set<UUID> members) {
        Set<UUID> gone = new LinkedHashSet<>(present(group));
        gone.removeAll(members);
        Set<UUID> changed = new LinkedHashSet<>(remove(group, gone));
        changed.addAll(add(directory, group, members));
        return changed;
    }

    private List<UUID> present(UUID group) {
        return jdbc.sql("select user_id from scim_members where group_id = ? order by user_id")
                .param(group)
                .query((row, i) -> row.getObject(1, UUID.class))
                .list();
    }

    private Group rename(Directory directory, Group before, String name, @Nullable String externalId) {
        OffsetDateTime now = now();
        try {
            jdbc.sql("""
                            update scim_groups set display_name = :name, external_id = :external, updated_at = :now
                             where id = :id and idp_id = :idp""")
                    .param("name", name)
                    .param("external", externalId)
                    .param("now", now)
                    .param("id", before.id())
                    .param("idp", directory.idp())
                    .update();
        } catch (DuplicateKeyException taken) {
            throw ScimProblem.taken("displayName");
        }
        return new Group(before.id(), name, externalId, before.createdAt(), now);
    }

    private static Group read(ResultSet row, int index) throws SQLException {
        return new Group(
                row.getObject("id", UUID.class),
                row.getString("display_name"),
                row.getString("external_id"),
                row.getObject("created_at", OffsetDateTime.class),
                row.getObject("updated_at", OffsetDateTime.class));
    }

    private static String name(ObjectNode body) {
        String name = body.path("displayName").asString("").strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw ScimProblem.invalid("displayName must be a text of 1 to " + LONGEST_NAME + " characters");
        }
        return name;
    }

    private static Set<UUID> members(JsonNode list) {
        if (list.size() > MOST_MEMBERS) {
            throw ScimProblem.invalid("at most " + MOST_MEMBERS + " members at a time");
        }
        Set<UUID> members = new LinkedHashSet<>();
        for (JsonNode member : list instanceof ArrayNode several ? several : List.of(list)) {
            if (!member.isMissingNode() && !member.isNull()) {
                members.add(id(member.path("value").asString("")));
            }
        }
        return members;
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException notOurs) {
            throw ScimProblem.invalid("a member's value must be an id of ours");
        }
    }

    private ObjectNode view(Directory directory, Group group, boolean withMembers) {
        ObjectNode view = JsonNodeFactory.instance.objectNode();
        view.putArray("schemas").add(SCHEMA);
        view.put("id", group.id().toString()).put("displayName", group.name());
        if (group.externalId() != null) {
            view.put("externalId", group.externalId());
        }
        if (withMembers) {
            ArrayNode members = view.putArray("members");
            present(group.id())
                    .forEach(member -> members.addObject()
                            .put("value", member.toString())
                            .put("$ref", directory.base() + "/Users/" + member));
        }
        ScimResources.meta(
                view, "Group", directory.base() + "/Groups/" + group.id(), group.createdAt(), group.updatedAt());
        return view;
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
