package io.sallyport.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads the authentication events (spec/rest-api.md §13). Every filter becomes a bound parameter, never text of the query. */
final class AccessLogs {
    /** Filters that compare one column, by {@code eq} unless {@code …Op} says {@code neq}. */
    private static final Map<String, String> EQUALITIES = Map.of(
            "allowed", "e.allowed::text",
            "app_type", "a.type",
            "app_uid", "e.app_id::text",
            "country_code", "e.country",
            "idp", "e.idp_id::text",
            "non_identity", "(e.service_token is not null)::text",
            "ray_id", "e.ray",
            "user_id", "e.user_id::text");

    private final Transactions transactions;
    private final JdbcClient jdbc;

    AccessLogs(Transactions transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    /** The newest first, unless {@code direction} says {@code asc}. */
    List<ObjectNode> accessRequests(Query query) {
        List<String> conditions = new ArrayList<>(List.of("true"));
        List<Object> values = new ArrayList<>();
        query.instant("since").ifPresent(since -> add(conditions, values, "e.at >= ?", Timestamp.from(since)));
        query.instant("until").ifPresent(until -> add(conditions, values, "e.at <= ?", Timestamp.from(until)));
        addEmail(query, conditions, values);
        EQUALITIES.forEach((name, column) -> query.text(name).ifPresent(value -> {
            String comparison = query.oneOf(name + "Op", "eq", "eq", "neq").equals("eq")
                    ? " is not distinct from ?"
                    : " is distinct from ?";
            add(conditions, values, column + comparison, value);
        }));
        String direction = query.oneOf("direction", "desc", "asc", "desc");
        Paging paging = query.paging();
        int limit = query.integer("limit", 1, Paging.MAX_PER_PAGE).orElse(paging.perPage());
        values.add(Math.min(limit, paging.perPage()));
        values.add(paging.offset());
        Set<String> fields =
                query.text("fields").map(text -> Set.of(text.split(",", -1))).orElse(Set.of());
        return transactions.read(() -> jdbc
                .sql(
                        "select e.*, a.type as app_type from auth_events e left join applications a on a.id = e.app_id where "
                                + String.join(" and ", conditions) + " order by e.at " + direction + ", e.id "
                                + direction
                                + " limit ? offset ?")
                .params(values)
                .query((row, number) -> view(row))
                .list()
                .stream()
                .map(Objects::requireNonNull)
                .map(view -> fields.isEmpty() ? view : view.retain(fields))
                .toList());
    }

    private static void addEmail(Query query, List<String> conditions, List<Object> values) {
        query.text("email").ifPresent(email -> {
            String fallback = query.flag("email_exact") ? "eq" : "contains";
            switch (query.oneOf("emailOp", fallback, "eq", "neq", "contains")) {
                case "eq" -> add(conditions, values, "lower(e.email) = lower(?)", email);
                case "neq" -> add(conditions, values, "lower(e.email) is distinct from lower(?)", email);
                default -> add(conditions, values, "position(lower(?) in lower(e.email)) > 0", email);
            }
        });
    }

    private static void add(List<String> conditions, List<Object> values, String condition, Object value) {
        conditions.add(condition);
        values.add(value);
    }

    private static ObjectNode view(ResultSet row) throws SQLException {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("action", row.getString("action"))
                .put("allowed", row.getBoolean("allowed"))
                .put("app_domain", row.getString("app_domain"))
                .put("app_type", row.getString("app_type"))
                .put("app_uid", row.getString("app_id"))
                .put("connection", connection(row.getString("idp_type"), row.getString("service_token")))
                .put("country", row.getString("country"))
                .put("created_at", ApiTimes.text(row.getTimestamp("at").toInstant()))
                .put("ip_address", row.getString("ip"))
                .put("ray_id", row.getString("ray"))
                .put("reason", row.getString("reason"))
                .put("user_email", row.getString("email"))
                .put("user_id", row.getString("user_id"));
        return view;
    }

    private static @Nullable String connection(@Nullable String idpType, @Nullable String serviceToken) {
        return idpType == null && serviceToken != null ? "service_token" : idpType;
    }
}
