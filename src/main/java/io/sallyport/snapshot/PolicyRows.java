package io.sallyport.snapshot;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Reads policies, which are most of a configuration's bytes, and fetches the bodies of those alone that are not known yet. What is
 * known goes by the transaction that wrote the row version (PostgreSQL's {@code xmin}), which no other ever shares: a write that
 * was taken back left nothing to be mistaken for another. Only what a committed read has seen is kept. Thread-safe.
 */
final class PolicyRows {
    private volatile Map<UUID, Known> known = Map.of();

    private record Known(String writtenBy, Rows.Policy row) {}

    /**
     * All policies as the connection's transaction sees them.
     *
     * @param committed whether it sees nothing but what is committed, so that it may be kept
     */
    List<Rows.Policy> read(Connection connection, boolean committed) throws SQLException {
        Map<UUID, Known> before = known;
        Map<UUID, String> present = present(connection);
        List<UUID> missing = new ArrayList<>();
        Map<UUID, Known> now = HashMap.newHashMap(present.size());
        present.forEach((id, writtenBy) -> {
            Known one = before.get(id);
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
        return now.values().stream().map(Known::row).toList();
    }

    private static Map<UUID, String> present(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select id, xmin::text from policies");
                ResultSet rows = statement.executeQuery()) {
            Map<UUID, String> present = new HashMap<>();
            while (rows.next()) {
                present.put(rows.getObject(1, UUID.class), rows.getString(2));
            }
            return present;
        }
    }

    private static void fetch(Connection connection, List<UUID> ids, Map<UUID, Known> into) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select id, name, decision, body, xmin::text from policies where id = any(?)")) {
            statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    UUID id = rows.getObject(1, UUID.class);
                    Rows.Policy row = new Rows.Policy(id, rows.getString(2), rows.getString(3), rows.getString(4));
                    into.put(id, new Known(rows.getString(5), row));
                }
            }
        }
    }
}
