package io.sallyport.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What directories told us by SCIM, as admins read it: people, groups, and the log of changes. */
final class DirectoryViews {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CORE = "urn:ietf:params:scim:schemas:core:2.0:";

    /** Query parameters and what they ask of the table. */
    private static final Map<String, String> USERS = Map.of(
            "cf_resource_id", "id::text = :%s",
            "idp_resource_id", "external_id = :%s",
            "name", "lower(resource->>'displayName') = lower(:%s)",
            "username", "lower(user_name) = lower(:%s)",
            "email", "lower(:%s) = any(emails)");

    private static final Map<String, String> GROUPS = Map.of(
            "cf_resource_id", "id::text = :%s",
            "idp_resource_id", "external_id = :%s",
            "name", "lower(display_name) = lower(:%s)");

    private static final Map<String, String> UPDATES = Map.of(
            "cf_resource_id", "resource_id = :%s",
            "idp_resource_id", "external_id = :%s",
            "resource_type", "resource_type = upper(:%s)",
            "request_method", "method = upper(:%s)",
            "resource_user_email", "lower(email) = lower(:%s)",
            "resource_group_name", "lower(group_name) = lower(:%s)",
            "status", "(case when status < 400 then 'SUCCESS' else 'FAILURE' end) = upper(:%s)");

    private final JdbcClient jdbc;

    DirectoryViews(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Paged<ObjectNode> users(UUID provider, Query query) {
        Where where = Where.of(query, USERS).and("idp_id = :idp", "idp", provider);
        return page(query, where, "scim_users", "created_at, id", DirectoryViews::user);
    }

    Paged<ObjectNode> groups(UUID provider, Query query) {
        Where where = Where.of(query, GROUPS).and("idp_id = :idp", "idp", provider);
        return page(query, where, "scim_groups", "created_at, id", DirectoryViews::group);
    }

    /** The newest first, unless {@code direction} says {@code asc}. */
    List<ObjectNode> updates(Query query) {
        Where where = Where.of(query, UPDATES);
        List<UUID> providers = query.texts("idp_id").stream()
                .map(text -> Ids.parse(text).orElseThrow(() -> ApiProblem.invalidParameter("idp_id", "must be a UUID")))
                .toList();
        if (!providers.isEmpty()) {
            where = where.and("idp_id in (:idps)", "idps", providers);
        }
        where = between(where, query);
        boolean newestFirst = query.oneOf("direction", "desc", "asc", "desc").equals("desc");
        Paging paging = query.logPaging();
        return jdbc.sql("select * from scim_updates where " + where.sql() + " order by id "
                        + (newestFirst ? "desc" : "asc") + " limit :limit offset :skip")
                .params(where.values())
                .param("limit", paging.perPage())
                .param("skip", paging.offset())
                .query(DirectoryViews::update)
                .list();
    }

    private static Where between(Where where, Query query) {
        Where narrowed = where;
        for (Map.Entry<String, String> bound :
                Map.of("since", "at >= :since", "until", "at <= :until").entrySet()) {
            Instant at = query.instant(bound.getKey()).orElse(null);
            if (at != null) {
                narrowed = narrowed.and(bound.getValue(), bound.getKey(), at.atOffset(ZoneOffset.UTC));
            }
        }
        return narrowed;
    }

    private Paged<ObjectNode> page(Query query, Where where, String table, String order, RowMapper<ObjectNode> reader) {
        int total = jdbc.sql("select count(*) from " + table + " where " + where.sql())
                .params(where.values())
                .query(Integer.class)
                .single();
        Paging paging = query.paging();
        List<ObjectNode> items = jdbc.sql("select * from " + table + " where " + where.sql() + " order by " + order
                        + " limit :limit offset :skip")
                .params(where.values())
                .param("limit", paging.perPage())
                .param("skip", paging.offset())
                .query(reader)
                .list();
        return new Paged<>(paging, items, total);
    }

    /** Conditions joined by and, and their values. */
    private record Where(String sql, Map<String, Object> values) {
        static Where of(Query query, Map<String, String> columns) {
            Where where = new Where("true", Map.of());
            for (Map.Entry<String, String> column : columns.entrySet()) {
                String value = query.text(column.getKey()).orElse(null);
                if (value != null) {
                    where = where.and(column.getValue().formatted(column.getKey()), column.getKey(), value);
                }
            }
            return where;
        }

        Where and(String condition, String name, Object value) {
            Map<String, Object> more = new LinkedHashMap<>(values);
            more.put(name, value);
            return new Where(sql + " and " + condition, more);
        }
    }

    private static ObjectNode user(ResultSet row, int index) throws SQLException {
        ObjectNode resource = (ObjectNode) JSON.readTree(row.getString("resource"));
        ObjectNode view = base(row, "User");
        view.put("displayName", resource.path("displayName").asString(row.getString("user_name")));
        view.put("userName", row.getString("user_name"));
        view.put("active", row.getBoolean("active"));
        view.set("emails", resource.path("emails").isArray() ? resource.path("emails") : JSON.createArrayNode());
        return view;
    }

    private static ObjectNode group(ResultSet row, int index) throws SQLException {
        return base(row, "Group").put("displayName", row.getString("display_name"));
    }

    private static ObjectNode base(ResultSet row, String schema) throws SQLException {
        ObjectNode view = JsonNodeFactory.instance.objectNode();
        view.put("id", row.getString("id")).put("externalId", row.getString("external_id"));
        ObjectNode meta = view.putObject("meta");
        meta.set("created", ApiTimes.node(instant(row, "created_at")));
        meta.set("lastModified", ApiTimes.node(instant(row, "updated_at")));
        view.putArray("schemas").add(CORE + schema);
        return view;
    }

    private static ObjectNode update(ResultSet row, int index) throws SQLException {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("cf_resource_id", row.getString("resource_id"))
                .put("error_description", row.getString("detail"))
                .put("idp_id", row.getString("idp_id"))
                .put("idp_resource_id", row.getString("external_id"));
        view.set("logged_at", ApiTimes.node(instant(row, "at")));
        return view.put("request_body", row.getString("body"))
                .put("request_method", row.getString("method"))
                .put("resource_group_name", row.getString("group_name"))
                .put("resource_type", row.getString("resource_type"))
                .put("resource_user_email", row.getString("email"))
                .put("status", row.getInt("status") < 400 ? "SUCCESS" : "FAILURE");
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
