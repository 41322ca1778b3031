package io.sallyport.audit;

import io.sallyport.audit.chain.Link;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.RawValue;

/**
 * The trail of admin changes. Records are written in the transaction of the change, so that neither exists without the
 * other, and never edited. Each record is a line with the hash of the line before it (see {@link
 * io.sallyport.audit.chain}); reads use the line itself, so that there is no other copy to change.
 */
public class AuditTrail {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcTemplate jdbc;
    private final JdbcClient queries;
    private final TrailLines lines;
    private final InstantSource clock;

    AuditTrail(JdbcTemplate jdbc, TrailLines lines, InstantSource clock) {
        this.jdbc = jdbc;
        this.queries = JdbcClient.create(jdbc);
        this.lines = lines;
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

    /**
     * A recorded change.
     *
     * @param position in the chain, from 1; 0 for records from before there was a chain
     */
    public record Entry(long id, long position, Instant at, Actor actor, Change change) {}

    /**
     * Records a change in the surrounding transaction; the trees are copied now. All records of a transaction are
     * inserted together before it commits, and the chain's end is locked only from then on, so that a change of a
     * thousand objects takes a few statements and does not block others.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void record(Actor actor, Change change) {
        Batch batch = (Batch) TransactionSynchronizationManager.getResource(this);
        if (batch == null) {
            batch = new Batch();
            TransactionSynchronizationManager.bindResource(this, batch);
            TransactionSynchronizationManager.registerSynchronization(batch);
        }
        batch.add(actor, change);
    }

    /** A change before it has its place in the chain; the trees are text, for their owners go on changing them. */
    private record Note(
            Actor actor, String action, String resourceKind, String resourceId, RawValue before, RawValue after) {
        static Note of(Actor actor, Change change) {
            return new Note(
                    actor,
                    change.action(),
                    change.resourceKind(),
                    change.resourceId(),
                    new RawValue(String.valueOf(change.before())),
                    new RawValue(String.valueOf(change.after())));
        }

        String line(Link head, Instant at) {
            return JSON.createObjectNode()
                    .put("position", head.position() + 1)
                    .put("prev", head.hash())
                    .put("at", at.toString())
                    .put("actor", actor.name())
                    .put("source_ip", actor.sourceIp())
                    .put("ray_id", actor.ray())
                    .put("action", action)
                    .put("resource_kind", resourceKind)
                    .put("resource_id", resourceId)
                    .putRawValue("before", before)
                    .putRawValue("after", after)
                    .toString();
        }

        Object[] row(Link head, Instant at, String line) {
            return new Object[] {
                OffsetDateTime.ofInstant(at, ZoneOffset.UTC),
                actor.name(),
                actor.sourceIp(),
                actor.ray(),
                action,
                resourceKind,
                resourceId,
                head.position() + 1,
                line
            };
        }
    }

    /** What one transaction records. */
    private final class Batch implements TransactionSynchronization {
        private final List<Note> notes = new ArrayList<>();
        private boolean written;

        void add(Actor actor, Change change) {
            if (written) {
                throw new IllegalStateException("recorded after the trail was written: " + change.action());
            }
            notes.add(Note.of(actor, change));
        }

        /** The time of all of them is that of their being written: so times follow the chain, however long the work took. */
        @Override
        public void beforeCommit(boolean readOnly) {
            written = true;
            Link head = lines.lockHead();
            Instant at = clock.instant();
            List<Object[]> rows = new ArrayList<>();
            for (Note note : notes) {
                String line = note.line(head, at);
                rows.add(note.row(head, at, line));
                head = head.next(line);
            }
            jdbc.batchUpdate("""
                    insert into audit_log (at, actor, source_ip, ray, action, resource_kind, resource_id, position, line)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?)""", rows);
            lines.moveHead(head);
        }

        /** A nested transaction, which suspends this one, has a batch of its own. */
        @Override
        public void suspend() {
            TransactionSynchronizationManager.unbindResource(AuditTrail.this);
        }

        @Override
        public void resume() {
            TransactionSynchronizationManager.bindResource(AuditTrail.this, this);
        }

        @Override
        public void beforeCompletion() {
            TransactionSynchronizationManager.unbindResource(AuditTrail.this);
        }
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

    /** Conditions are constants of ours; callers' values are bound as parameters. */
    private JdbcClient.StatementSpec select(String columns, Filter filter, String tail) {
        Map<String, Object> parameters = filter.parameters();
        String where = parameters.isEmpty() ? "" : " where " + String.join(" and ", parameters.keySet());
        JdbcClient.StatementSpec statement = queries.sql(columns + " from audit_log" + where + tail);
        for (Map.Entry<String, Object> each : parameters.entrySet()) {
            statement = statement.param(each.getKey().substring(each.getKey().indexOf(':') + 1), each.getValue());
        }
        return statement;
    }

    private static Entry read(ResultSet row, int number) throws SQLException {
        String line = row.getString("line");
        return line == null ? readUnchained(row) : read(row.getLong("id"), JSON.readTree(line));
    }

    private static Entry read(long id, JsonNode line) {
        return new Entry(
                id,
                line.path("position").longValue(),
                Instant.parse(line.path("at").stringValue()),
                new Actor(
                        text(line, "actor"),
                        line.path("source_ip").stringValue(null),
                        line.path("ray_id").stringValue(null)),
                new Change(
                        text(line, "action"),
                        text(line, "resource_kind"),
                        text(line, "resource_id"),
                        tree(line, "before"),
                        tree(line, "after")));
    }

    private static String text(JsonNode line, String member) {
        return line.path(member).stringValue("");
    }

    private static @Nullable JsonNode tree(JsonNode line, String member) {
        JsonNode tree = line.get(member);
        return tree == null || tree.isNull() ? null : tree;
    }

    /** From before there was a chain. */
    private static Entry readUnchained(ResultSet row) throws SQLException {
        return new Entry(
                row.getLong("id"),
                0,
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
