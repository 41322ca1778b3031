package io.sallyport.snapshot;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Reads a large table incrementally: fetches only rows that are not cached. The cache's key is the transaction that
 * wrote the row version (PostgreSQL's {@code xmin}), which is never reused, not even after a rollback. Only rows seen
 * by a read of committed data are cached. Thread-safe.
 */
final class KeptRows<T> {
    private final String table;
    private final String columns;
    private final TableQuery.RowReader<T> reader;
    private volatile Map<UUID, Known<T>> known = Map.of();

    /**
     * An empty cache of a table.
     *
     * @param table its name; its key must be {@code id}
     * @param columns what {@code reader} finds, beginning with the first
     */
    KeptRows(String table, String columns, TableQuery.RowReader<T> reader) {
        this.table = table;
        this.columns = columns;
        this.reader = reader;
    }

    /** Policies. */
    static KeptRows<Rows.Policy> policies() {
        return new KeptRows<>(
                "policies",
                "id, name, decision, body",
                row -> new Rows.Policy(
                        row.getObject(1, UUID.class), row.getString(2), row.getString(3), row.getString(4)));
    }

    /** Custom pages with their HTML. */
    static KeptRows<Rows.Page> pages() {
        return new KeptRows<>(
                "custom_pages",
                "id, type, html, coalesce((body ->> 'contract_version')::int, 0)",
                row -> new Rows.Page(row.getObject(1, UUID.class), row.getString(2), row.getString(3), row.getInt(4)));
    }

    private record Known<T>(String writtenBy, T row) {}

    /**
     * All rows as the connection's transaction sees them, by their ids.
     *
     * @param committed whether it sees only committed data, so that rows may be cached
     */
    List<T> read(Connection connection, boolean committed) throws SQLException {
        Map<UUID, Known<T>> before = known;
        if (before.isEmpty()) {
            return readAll(connection, committed);
        }
        Map<UUID, String> present = present(connection);
        List<UUID> missing = new ArrayList<>();
        Map<UUID, Known<T>> now = HashMap.newHashMap(present.size());
        present.forEach((id, writtenBy) -> {
            Known<T> one = before.get(id);
            if (one != null && one.writtenBy.equals(writtenBy)) {
                now.put(id, one);
            } else {
                missing.add(id);
            }
        });
        if (!missing.isEmpty()) {
            fetch(connection, missing, now);
        }
        if (committed) {
            known = now;
        }
        List<T> rows = new ArrayList<>(now.size());
        present.keySet().forEach(id -> {
            Known<T> one = now.get(id);
            if (one != null) {
                rows.add(one.row());
            }
        });
        return rows;
    }

    /** The first read fetches everything with one query. */
    private List<T> readAll(Connection connection, boolean committed) throws SQLException {
        Map<UUID, Known<T>> now = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                        "select " + columns + ", id as kept_id, xmin::text as kept_by from " + table + " order by id");
                ResultSet rows = statement.executeQuery()) {
            collect(rows, now);
        }
        if (committed) {
            known = now;
        }
        return now.values().stream().map(Known::row).toList();
    }

    private Map<UUID, String> present(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                        connection.prepareStatement("select id, xmin::text from " + table + " order by id");
                ResultSet rows = statement.executeQuery()) {
            Map<UUID, String> present = new LinkedHashMap<>();
            while (rows.next()) {
                present.put(rows.getObject(1, UUID.class), rows.getString(2));
            }
            return present;
        }
    }

    private void fetch(Connection connection, List<UUID> ids, Map<UUID, Known<T>> into) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select " + columns + ", id as kept_id, xmin::text as kept_by from " + table + " where id = any(?)")) {
            statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                collect(rows, into);
            }
        }
    }

    private void collect(ResultSet rows, Map<UUID, Known<T>> into) throws SQLException {
        while (rows.next()) {
            into.put(rows.getObject("kept_id", UUID.class), new Known<>(rows.getString("kept_by"), reader.read(rows)));
        }
    }
}
