package io.sallyport.snapshot;

import io.sallyport.catalog.ConfigVersion;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives notices of changes within milliseconds, on a database connection of its own. When that is lost it reconnects
 * with growing pauses, without giving up, and wakes the refresher after each reconnect, because notices sent meanwhile
 * are not repeated.
 */
final class ConfigListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigListener.class);
    private static final String REVOCATION_CHANNEL = "sallyport_revocation";
    private static final int QUIET_MILLIS = 5_000;
    private static final int ANSWER_SECONDS = 2;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private final String url;
    private final Properties properties;
    private final Runnable wake;
    private final List<NoticeListener> others;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean connected;
    private @Nullable Thread thread;

    /**
     * @param url JDBC URL of PostgreSQL itself, not of a pooler in transaction mode
     * @param wake runs when the configuration or revocations may have changed
     * @param others listeners of other channels over the same connection
     */
    ConfigListener(
            String url, @Nullable String user, @Nullable String password, Runnable wake, List<NoticeListener> others) {
        this.url = url;
        this.wake = wake;
        this.others = List.copyOf(others);
        this.properties = new Properties();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        properties.setProperty("ApplicationName", "sallyport-listener");
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("loginTimeout", "5");
        properties.setProperty("tcpKeepAlive", "true");
    }

    /** Starts listening. */
    synchronized void start() {
        if (thread == null) {
            thread = Thread.ofVirtual().name("config-listener").start(this::listen);
        }
    }

    /** Whether notices can arrive now. */
    boolean connected() {
        return connected;
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        if (thread != null) {
            thread.interrupt();
            thread = null;
        }
    }

    private void listen() {
        Duration pause = FIRST_PAUSE;
        while (closed.getCount() > 0) {
            try (Connection connection = DriverManager.getConnection(url, properties)) {
                subscribe(connection);
                pause = FIRST_PAUSE;
                pass(connection);
            } catch (SQLException lost) {
                // Ending this thread breaks the connection it waits on, and that is no loss.
                if (connected && closed.getCount() > 0) {
                    LOG.info(
                            "Lost the database connection for change notices, polling until it is back: {}",
                            lost.getMessage());
                }
                connected = false;
                pause = waited(pause);
            }
        }
        connected = false;
    }

    private void subscribe(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("listen " + ConfigVersion.CHANNEL);
            statement.execute("listen " + REVOCATION_CHANNEL);
            for (NoticeListener each : others) {
                statement.execute("listen " + each.channel());
            }
        }
        connected = true;
        wake.run();
        others.forEach(NoticeListener::noticed);
    }

    private void pass(Connection connection) throws SQLException {
        PGConnection notices = connection.unwrap(PGConnection.class);
        while (closed.getCount() > 0) {
            Set<String> announced = Arrays.stream(notices.getNotifications(QUIET_MILLIS))
                    .map(PGNotification::getName)
                    .collect(Collectors.toSet());
            if (!announced.isEmpty()) {
                pass(announced);
            } else if (!connection.isValid(ANSWER_SECONDS)) {
                throw new SQLException("it no longer answers");
            }
        }
    }

    private void pass(Set<String> channels) {
        if (channels.contains(ConfigVersion.CHANNEL) || channels.contains(REVOCATION_CHANNEL)) {
            wake.run();
        }
        others.stream().filter(each -> channels.contains(each.channel())).forEach(NoticeListener::noticed);
    }

    /** Waits, with jitter so that replicas do not all reconnect at once; returns the next pause. */
    private Duration waited(Duration pause) {
        try {
            long millis = pause.toMillis();
            long jittered = millis / 2 + ThreadLocalRandom.current().nextLong(millis);
            if (closed.await(jittered, TimeUnit.MILLISECONDS)) {
                return pause;
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            closed.countDown();
        }
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }
}
