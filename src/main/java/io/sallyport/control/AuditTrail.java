package io.sallyport.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads what {@link AdminAudit} wrote, newest first. There is no way to change it. */
final class AuditTrail {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Map<String, String> COLUMNS = Map.of(
            "actor", "actor", "action", "action", "resource_kind", "resource_kind", "resource_id", "resource_id");

    private final Transactions transactions;
    private final JdbcClient jdbc;

    AuditTrail(Transactions transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    /** Filters {@code since}, {@code until}, {@code actor}, {@code action}, {@code resource_kind}, {@code resource_id}. */
    Paged<ObjectNode> list(Query query) {
        List<String> conditions = new ArrayList<>(List.of("true"));
        List<Object> values = new ArrayList<>();
        query.instant("since").ifPresent(since -> add(conditions, values, "at >= ?", Timestamp.from(since)));
        query.instant("until").ifPresent(until -> add(conditions, values, "at <= ?", Timestamp.from(until)));
        COLUMNS.forEach(
                (name, column) -> query.text(name).ifPresent(value -> add(conditions, values, column + " = ?", value)));
        String where = " from audit_log where " + String.join(" and ", conditions);
        Paging paging = query.paging();
        return transactions.read(() -> {
            long total = jdbc.sql("select count(*)" + where)
                    .params(values)
                    .query(Long.class)
                    .single();
            List<Object> all = new ArrayList<>(values);
            all.add(paging.perPage());
            all.add(paging.offset());
            List<ObjectNode> page = jdbc
                    .sql("select *" + where + " order by id desc limit ? offset ?")
                    .params(all)
                    .query((row, number) -> view(row))
                    .list()
                    .stream()
                    .map(Objects::requireNonNull)
                    .toList();
            return new Paged<>(paging, page, total);
        });
    }

    private static void add(List<String> conditions, List<Object> values, String condition, Object value) {
        conditions.add(condition);
        values.add(value);
    }

    private static ObjectNode view(ResultSet row) throws SQLException {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.getLong("id"))
                .put("at", ApiTimes.text(row.getTimestamp("at").toInstant()))
                .put("actor", row.getString("actor"))
                .put("source_ip", row.getString("source_ip"))
                .put("ray_id", row.getString("ray"))
                .put("action", row.getString("action"))
                .put("resource_kind", row.getString("resource_kind"))
                .put("resource_id", row.getString("resource_id"));
        view.set("before", tree(row.getString("before")));
        view.set("after", tree(row.getString("after")));
        return view;
    }

    private static JsonNode tree(@Nullable String json) {
        return json == null ? JsonNodeFactory.instance.nullNode() : JSON.readTree(json);
    }
}
