package io.sallyport.catalog;

import java.sql.SQLException;
import java.util.Optional;

/** What a database that cannot be worked with means to an operator, by its SQLSTATE (PostgreSQL's appendix A). */
public final class DatabaseFailure {
    private DatabaseFailure() {}

    /**
     * One sentence with what to do; empty when the failure is none of the database, or of a kind that only its own words explain.
     *
     * @param url as configured; what stands behind its question mark is not repeated
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
