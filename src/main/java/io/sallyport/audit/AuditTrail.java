package io.sallyport.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who changed what: written in the transaction of the change, so that neither exists without the other; never edited. */
public class AuditTrail {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final InstantSource clock;

    AuditTrail(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Who acts, and through which request.
     *
     * @param name of the admin token or the person
     */
    public record Actor(
            String name,
            @Nullable String sourceIp,
            @Nullable String ray) {}

    /**
     * One change.
     *
     * @param action {@code create}, {@code update}, {@code delete}, {@code revoke}, {@code rotate}
     * @param resourceKind {@code application}, {@code policy}, …
     * @param before the object as the API showed it, without secrets; null when it is new
     * @param after the same after the change; null when it is gone
     */
    public record Change(
            String action,
            String resourceKind,
            String resourceId,
            @Nullable JsonNode before,
            @Nullable JsonNode after) {}

    /** A change as it was recorded. */
    public record Entry(long id, Instant at, Actor actor, Change change) {}

    /** Records a change in the surrounding transaction. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void record(Actor actor, Change change) {
        jdbc.sql("""
                        insert into audit_log (at, actor, source_ip, ray, action, resource_kind, resource_id, before, after)
                        values (?, ?, ?, ?, ?, ?, ?, cast(? as jsonb), cast(? as jsonb))""")
                .param(OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                .param(actor.name())
                .param(actor.sourceIp())
                .param(actor.ray())
                .param(change.action())
                .param(change.resourceKind())
                .param(change.resourceId())
                .param(text(change.before()))
                .param(text(change.after()))
                .update();
    }

    /**
     * What to read; null members do not restrict.
     *
     * @param since inclusive
     * @param until inclusive
     */
    public record Filter(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String actor,
            @Nullable String action,
            @Nullable String resourceKind,
            @Nullable String resourceId) {
        /** Everything. */
        public static Filter all() {
            return new Filter(null, null, null, null, null, null);
        }

        private Map<String, Object> parameters() {
            Map<String, Object> parameters = new LinkedHashMap<>();
            put(parameters, "at >= :since", since == null ? null : OffsetDateTime.ofInstant(since, ZoneOffset.UTC));
            put(parameters, "at <= :until", until == null ? null : OffsetDateTime.ofInstant(until, ZoneOffset.UTC));
            put(parameters, "actor = :actor", actor);
            put(parameters, "action = :action", action);
            put(parameters, "resource_kind = :kind", resourceKind);
            put(parameters, "resource_id = :id", resourceId);
            return parameters;
        }

        private static void put(Map<String, Object> parameters, String condition, @Nullable Object value) {
            if (value != null) {
                parameters.put(condition, value);
            }
        }
    }

    /** A page, newest first. */
    public List<Entry> find(Filter filter, int limit, long offset) {
        return select("select *", filter, " order by id desc limit :limit offset :offset")
                .param("limit", limit)
                .param("offset", offset)
                .query(AuditTrail::read)
                .list();
    }

    /** How many changes there are. */
    public long count(Filter filter) {
        return select("select count(*)", filter, "").query(Long.class).single();
    }

    /** Conditions are our own texts; what callers ask for is bound. */
    private JdbcClient.StatementSpec select(String columns, Filter filter, String tail) {
        Map<String, Object> parameters = filter.parameters();
        String where = parameters.isEmpty() ? "" : " where " + String.join(" and ", parameters.keySet());
        JdbcClient.StatementSpec statement = jdbc.sql(columns + " from audit_log" + where + tail);
        for (Map.Entry<String, Object> each : parameters.entrySet()) {
            statement = statement.param(each.getKey().substring(each.getKey().indexOf(':') + 1), each.getValue());
        }
        return statement;
    }

    private static @Nullable String text(@Nullable JsonNode tree) {
        return tree == null ? null : JSON.writeValueAsString(tree);
    }

    private static Entry read(ResultSet row, int number) throws SQLException {
        return new Entry(
                row.getLong("id"),
                row.getTimestamp("at").toInstant(),
                new Actor(row.getString("actor"), row.getString("source_ip"), row.getString("ray")),
                new Change(
                        row.getString("action"),
                        row.getString("resource_kind"),
                        row.getString("resource_id"),
                        tree(row.getString("before")),
                        tree(row.getString("after"))));
    }

    private static @Nullable JsonNode tree(@Nullable String text) {
        return text == null ? null : JSON.readTree(text);
    }
}
