package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The signing keys that the first server of this JVM made, for the databases of all that come after it. Two RSA keys are what a first
 * start takes longest for: seconds, in a JVM without the optimising compiler.
 */
public final class KeptKeys {
    private static final String MASTER_KEY = masterKey();
    private static List<Map<String, Object>> rows = List.of();

    private KeptKeys() {}

    /** Puts the keys into a new database, and the master key that opens them where a server looks for its own. */
    public static synchronized void lend(TestPostgres database, Path masterKeyFile) {
        try {
            Files.writeString(masterKeyFile, MASTER_KEY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Map<String, Object> row : rows) {
            database.jdbc()
                    .sql("insert into signing_keys (%s) values (:%s)"
                            .formatted(String.join(", ", row.keySet()), String.join(", :", row.keySet())))
                    .params(row)
                    .update();
        }
    }

    /** Keeps those of a server that has started on a database lent to. */
    static synchronized void keep(TestPostgres database) {
        if (rows.isEmpty()) {
            rows = database.jdbc().sql("select * from signing_keys").query().listOfRows();
        }
    }

    private static String masterKey() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }
}
