package io.sallyport.catalog;

import java.sql.SQLException;
import java.util.Optional;

/** Explains failures of the database to operators, by SQLSTATE (PostgreSQL's appendix A). */
public final class DatabaseFailure {
    private DatabaseFailure() {}

    /**
     * One sentence that says what to do; empty when the failure is not one of the database, or its own message is the
     * best explanation.
     *
     * @param url as configured; its parameters are not repeated
     */
    public static Optional<String> explain(Throwable failure, String url) {
        return failure instanceof SQLException database
                ? explain(
                        String.valueOf(database.getSQLState()),
                        "the database at " + url.replaceAll("\\?.*", ""),
                        String.valueOf(database.getMessage()).replaceAll("\\s+", " "))
                : Optional.empty();
    }

    private static Optional<String> explain(String state, String where, String said) {
        if (state.startsWith("28")) {
            return Optional.of(where + " does not take the user or the password: " + said
                    + "; check spring.datasource.username and .password");
        }
        return switch (state) {
            case "08000", "08001", "08003", "08004", "08006", "57P03" ->
                Optional.of(where + " does not answer: " + said
                        + "; check spring.datasource.url, and that PostgreSQL runs and may be reached from here");
            case "3D000" ->
                Optional.of(where + " does not exist; create it with createdb, owned by the user that connects");
            case "42501" ->
                Optional.of(where + " does not let its user change tables: " + said
                        + "; let the user of spring.datasource.username own the database");
            case "53100" ->
                Optional.of(where + " has no room left on its disk: " + said + "; make room and start again");
            case "53300" ->
                Optional.of(where + " has no connection left: " + said
                        + "; raise its max_connections, or lower spring.datasource.hikari.maximum-pool-size");
            default -> Optional.empty();
        };
    }
}
