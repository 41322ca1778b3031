package io.sallyport.catalog;

import java.sql.SQLException;
import java.time.Duration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The version of the configuration, which rises with every admin write. Its row is locked until the writer commits, so
 * versions follow the order of commits and writes are serialised: a transaction that raises it first then reads the
 * results of all earlier writes. A long write raises it last instead, and is given up if the version has changed since
 * it began.
 */
public class ConfigVersion {
    /** The channel on which replicas hear of a new version; the payload is the version. */
    public static final String CHANNEL = "sallyport_config";

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final JdbcClient jdbc;

    ConfigVersion(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Raises the version and announces it when the surrounding transaction commits; returns the new version. Waits for another
     * writer, but gives up sooner than the connection would.
     *
     * @throws CannotAcquireLockException when another writer takes too long
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public long bump() {
        waitNoLongerThanPatience();
        long version = raise();
        jdbc.sql("select pg_notify(:channel, :version)")
                .param("channel", CHANNEL)
                .param("version", Long.toString(version))
                .query((row, number) -> "")
                .single();
        return version;
    }

    /**
     * The newest committed version, for a write that raises it last and then compares. Limits how long the transaction
     * waits for locks, as {@link #bump} does.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public long watch() {
        waitNoLongerThanPatience();
        return current();
    }

    private void waitNoLongerThanPatience() {
        jdbc.sql("select set_config('lock_timeout', :patience, true)")
                .param("patience", PATIENCE.toMillis() + "ms")
                .query(String.class)
                .single();
    }

    private long raise() {
        try {
            return jdbc.sql("update config_version set version = version + 1 returning version")
                    .query(Long.class)
                    .single();
        } catch (UncategorizedSQLException failed) {
            if (isImpatience(failed)) {
                throw new CannotAcquireLockException("another writer holds the configuration version", failed);
            }
            throw failed;
        }
    }

    /** Whether a statement failed because it waited too long for another transaction. */
    public static boolean isImpatience(UncategorizedSQLException failed) {
        SQLException cause = failed.getSQLException();
        return cause != null && LOCK_NOT_AVAILABLE.equals(cause.getSQLState());
    }

    /** The newest committed version. */
    public long current() {
        return jdbc.sql("select version from config_version").query(Long.class).single();
    }
}
