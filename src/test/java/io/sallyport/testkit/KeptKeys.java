package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The signing keys that the first server of this JVM made, for the databases of all that come after it. Two RSA keys are what a first
 * start takes longest for: seconds, in a JVM without the optimising compiler.
 */
public final class KeptKeys {
    private static final String MASTER_KEY = random();
    private static List<Map<String, Object>> rows = List.of();

    private KeptKeys() {}

    /** The master key that opens them. */
    public static String masterKey() {
        return MASTER_KEY;
    }

    /** Puts the keys into a new database, and the master key where a server looks for its own. */
    public static void lend(TestPostgres database, Path masterKeyFile) {
        try {
            Files.writeString(masterKeyFile, MASTER_KEY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lend(database.jdbc());
    }

    /** Puts the keys into a database that has none yet, for whoever is given the master key. */
    public static synchronized void lend(JdbcClient database) {
        for (Map<String, Object> row : rows) {
            database.sql("insert into signing_keys (%s) values (:%s) on conflict do nothing"
                            .formatted(String.join(", ", row.keySet()), String.join(", :", row.keySet())))
                    .params(row)
                    .update();
        }
    }

    /** Keeps those that were made on a database lent to. */
    public static synchronized void keep(JdbcClient database) {
        if (rows.isEmpty()) {
            rows = database.sql("select * from signing_keys").query().listOfRows();
        }
    }

    private static String random() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }
}
