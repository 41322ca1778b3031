package io.sallyport.catalog;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The one number that rises with every admin write. Its row is locked until the writer commits, so versions follow commit order
 * and writers follow each other: raise it first, and whatever is read afterwards in the transaction holds every earlier write.
 */
public class ConfigVersion {
    /** The channel on which replicas hear of a new version; the payload is the version. */
    public static final String CHANNEL = "sallyport_config";

    private final JdbcClient jdbc;

    ConfigVersion(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Raises the version and announces it when the surrounding transaction commits; returns the new version. */
    @Transactional(propagation = Propagation.MANDATORY)
    public long bump() {
        long version = jdbc.sql("update config_version set version = version + 1 returning version")
                .query(Long.class)
                .single();
        jdbc.sql("select pg_notify(:channel, :version)")
                .param("channel", CHANNEL)
                .param("version", Long.toString(version))
                .query((row, number) -> "")
                .single();
        return version;
    }

    /** The newest committed version. */
    public long current() {
        return jdbc.sql("select version from config_version").query(Long.class).single();
    }
}
