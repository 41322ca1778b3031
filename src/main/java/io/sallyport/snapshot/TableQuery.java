package io.sallyport.snapshot;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A question to the database, and what becomes of each row of the answer. */
record TableQuery<T>(String sql, RowReader<T> reader) {
    /** Makes something of a row. */
    @FunctionalInterface
    interface RowReader<T> {
        /** What the row holds that the cursor stands on. */
        T read(ResultSet row) throws SQLException;
    }

    /** All rows, in the order of the query. */
    List<T> all(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        }
    }

    /** The only row. A table that must not be empty is an error when it is, never a picture without it (FC-03). */
    T one(Connection connection) throws SQLException {
        List<T> rows = all(connection);
        if (rows.size() != 1) {
            throw new SQLException("one row expected, not " + rows.size() + ": " + sql);
        }
        return rows.getFirst();
    }
}
