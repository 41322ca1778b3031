package io.sallyport.scim;

import io.sallyport.identity.Email;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The directory's people (RFC 7643 §4.1). What it sends is stored and returned, except passwords. */
class ScimUsers implements ScimResources {
    private static final String SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LONGEST_NAME = 300;
    private static final List<String> NOT_KEPT = List.of("id", "meta", "password", "groups");

    /** How a filter's attribute is asked of the table. */
    private static final Map<String, String> COLUMNS = Map.of(
            "id", "id::text = :%s",
            "username", "lower(user_name) = lower(:%s)",
            "externalid", "external_id = :%s",
            "emails", "lower(:%s) = any(emails)",
            "emails.value", "lower(:%s) = any(emails)",
            "active", "active::text = lower(:%s)");

    private final JdbcClient jdbc;
    private final DirectoryTable<User> table;
    private final Leavers leavers;
    private final InstantSource clock;

    ScimUsers(JdbcClient jdbc, Leavers leavers, InstantSource clock) {
        this.jdbc = jdbc;
        this.table = new DirectoryTable<>(jdbc, "scim_users", COLUMNS, ScimUsers::read);
        this.leavers = leavers;
        this.clock = clock;
    }

    private record User(
            UUID id,
            String userName,
            @Nullable String externalId,
            List<String> emails,
            boolean active,
            ObjectNode resource,
            OffsetDateTime createdAt,
            OffsetDateTime updatedAt) {}

    @Override
    public String kind() {
        return "USER";
    }

    @Override
    public ObjectNode create(Directory directory, ObjectNode body) {
        UUID id = UUID.randomUUID();
        User user = user(id, body, now(), now());
        try {
            write("""
                    insert into scim_users
                        (id, idp_id, user_name, external_id, emails, active, resource, created_at, updated_at)
                    values (:id, :idp, :name, :external, :emails, :active, :resource::jsonb, :created, :updated)""", directory, user);
        } catch (DuplicateKeyException taken) {
            throw ScimProblem.taken("userName");
        }
        if (!user.active()) {
            leavers.left(directory, user.emails());
        }
        return view(directory, user, true);
    }

    @Override
    public ObjectNode get(Directory directory, UUID id, boolean members) {
        return view(directory, table.find(directory, id), members);
    }

    @Override
    public Page list(Directory directory, Optional<ScimFilter> filter, int startIndex, int count, boolean members) {
        return table.page(directory, filter, startIndex, count, user -> view(directory, user, members));
    }

    @Override
    public ObjectNode replace(Directory directory, UUID id, ObjectNode body) {
        User before = table.find(directory, id);
        return change(directory, before, user(id, body, before.createdAt(), now()));
    }

    @Override
    public ObjectNode patch(Directory directory, UUID id, List<ScimPatch.Operation> operations) {
        User before = table.find(directory, id);
        ObjectNode resource = before.resource().deepCopy();
        ScimPatch.apply(resource, operations);
        return change(directory, before, user(id, resource, before.createdAt(), now()));
    }

    @Override
    public void delete(Directory directory, UUID id) {
        User user = table.find(directory, id);
        jdbc.sql("delete from scim_users where id = ?").param(id).update();
        leavers.left(directory, user.emails());
    }

    /** Whoever was here under an old address and is disabled now must go too. */
    private ObjectNode change(Directory directory, User before, User after) {
        try {
            write("""
                    update scim_users
                       set user_name = :name, external_id = :external, emails = :emails, active = :active,
                           resource = :resource::jsonb, updated_at = :updated
                     where id = :id and idp_id = :idp""", directory, after);
        } catch (DuplicateKeyException taken) {
            throw ScimProblem.taken("userName");
        }
        if (!after.active()) {
            Set<String> emails = new LinkedHashSet<>(before.emails());
            emails.addAll(after.emails());
            leavers.left(directory, emails);
        } else {
            leavers.renamed(
                    directory,
                    before.emails().stream()
                            .filter(email -> !after.emails().contains(email))
                            .toList());
        }
        return view(directory, after, true);
    }

    private void write(String sql, Directory directory, User user) {
        jdbc.sql(sql)
                .param("id", user.id())
                .param("idp", directory.idp())
                .param("name", user.userName())
                .param("external", user.externalId())
                .param("emails", user.emails().toArray(String[]::new))
                .param("active", user.active())
                .param("resource", user.resource().toString())
                .param("created", user.createdAt())
                .param("updated", user.updatedAt())
                .update();
    }

    private static User read(ResultSet row, int index) throws SQLException {
        return new User(
                row.getObject("id", UUID.class),
                row.getString("user_name"),
                row.getString("external_id"),
                Leavers.texts(row.getArray("emails")),
                row.getBoolean("active"),
                (ObjectNode) JSON.readTree(row.getString("resource")),
                row.getObject("created_at", OffsetDateTime.class),
                row.getObject("updated_at", OffsetDateTime.class));
    }

    private static User user(UUID id, ObjectNode body, OffsetDateTime created, OffsetDateTime updated) {
        ObjectNode resource = body.deepCopy();
        NOT_KEPT.forEach(resource::remove);
        String name = resource.path("userName").asString("").strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw ScimProblem.invalid("userName must be a text of 1 to " + LONGEST_NAME + " characters");
        }
        boolean active = active(resource.path("active"));
        resource.put("active", active);
        return new User(
                id,
                name,
                resource.path("externalId").asString(null),
                emails(resource, name),
                active,
                resource,
                created,
                updated);
    }

    /**
     * Entra writes booleans as texts where its mapping does, and its older connectors wrap single values into a list of one; anything
     * else is refused rather than taken for true.
     */
    private static boolean active(JsonNode written) {
        JsonNode active =
                written.isArray() && written.size() == 1 ? written.get(0).path("value") : written;
        if (written.isArray() && (active.isMissingNode() || active.isNull())) {
            throw ScimProblem.invalid("active must be true or false");
        }
        if (active.isMissingNode() || active.isNull()) {
            return true;
        }
        return switch (active.asString("").toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ScimProblem.invalid("active must be true or false");
        };
    }

    private static List<String> emails(ObjectNode resource, String userName) {
        List<String> given = new ArrayList<>();
        given.add(userName);
        resource.path("emails").forEach(email -> given.add(email.path("value").asString("")));
        return given.stream()
                .flatMap(text -> Email.parse(text.strip()).stream())
                .map(email -> email.value().toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
    }

    private ObjectNode view(Directory directory, User user, boolean members) {
        ObjectNode view = user.resource().deepCopy();
        if (!view.path("schemas").isArray()) {
            view.putArray("schemas").add(SCHEMA);
        }
        view.put("id", user.id().toString()).put("userName", user.userName());
        if (members) {
            var groups = view.putArray("groups");
            groups(user.id())
                    .forEach(group ->
                            groups.addObject().put("value", group.getKey()).put("display", group.getValue()));
        }
        ScimResources.meta(view, "User", directory.base() + "/Users/" + user.id(), user.createdAt(), user.updatedAt());
        return view;
    }

    private Stream<Map.Entry<String, String>> groups(UUID user) {
        return jdbc
                .sql("""
                        select g.id, g.display_name from scim_members m join scim_groups g on g.id = m.group_id
                         where m.user_id = ? order by g.display_name limit 1000""")
                .param(user)
                .query((row, i) -> Map.entry(row.getString(1), row.getString(2)))
                .list()
                .stream();
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
