package io.sallyport.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
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

    /** A page, newest first. */
    public List<Entry> find(int limit, long offset) {
        return jdbc.sql("select * from audit_log order by id desc limit ? offset ?")
                .params(limit, offset)
                .query(AuditTrail::read)
                .list();
    }

    /** How many changes there are. */
    public long count() {
        return jdbc.sql("select count(*) from audit_log").query(Long.class).single();
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
