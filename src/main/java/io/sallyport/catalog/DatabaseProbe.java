package io.sallyport.catalog;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Tests whether the database answers, on a connection of its own, because the pool's may be busy or broken. Takes
 * little more than a second.
 */
public final class DatabaseProbe {
    private static final String CONNECTION_FAILURE = "08";
    private static final String NOT_NOW = "57P0";

    private final String url;
    private final Properties properties = new Properties();

    /** @param url as the pool's */
    public DatabaseProbe(String url, @Nullable String user, @Nullable String password) {
        this.url = url;
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        properties.setProperty("ApplicationName", "sallyport-probe");
        properties.setProperty("connectTimeout", "1");
        properties.setProperty("socketTimeout", "1");
    }

    /** Whether it answers. An error from a running server, such as too many connections, counts as an answer. */
    public boolean answers() {
        try (Connection connection = DriverManager.getConnection(url, properties);
                Statement statement = connection.createStatement()) {
            return statement.execute("select 1");
        } catch (SQLException failed) {
            String state = failed.getSQLState();
            return state != null && !state.startsWith(CONNECTION_FAILURE) && !state.startsWith(NOT_NOW);
        }
    }
}
