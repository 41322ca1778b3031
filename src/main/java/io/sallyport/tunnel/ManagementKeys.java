package io.sallyport.tunnel;

import io.sallyport.token.KeyWrapper;
import io.sallyport.token.ManagementKey;
import java.security.GeneralSecurityException;
import java.sql.Timestamp;
import java.time.InstantSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The stored key of management tokens. All replicas share it through the database, enveloped under the master key. */
final class ManagementKeys {
    private static final String RECORD = "tunnel/management/key";

    private ManagementKeys() {}

    /** The deployment's key, which the first replica to ask creates. Blocks; called at start. */
    static ManagementKey readOrCreate(JdbcClient database, KeyWrapper wrapper, InstantSource clock) {
        ManagementKey made = ManagementKey.generate();
        database.sql("insert into tunnel_management_key (public_key, key, created_at) values (?, ?, ?)"
                        + " on conflict do nothing")
                .param(made.publicKeyBytes())
                .param(wrapper.wrap(RECORD, made.exposePrivateKeyBytes()))
                .param(Timestamp.from(clock.instant()))
                .update();
        return database.sql("select key, public_key from tunnel_management_key")
                .query((row, number) -> open(row.getBytes(1), row.getBytes(2), wrapper))
                .single();
    }

    private static ManagementKey open(byte[] wrapped, byte[] publicKey, KeyWrapper wrapper) {
        try {
            return ManagementKey.load(wrapper.unwrap(RECORD, wrapped), publicKey);
        } catch (GeneralSecurityException e) {
            throw new UnreadableException(e);
        }
    }

    /** The stored key cannot be decrypted, usually because the master key is a different one. */
    static final class UnreadableException extends RuntimeException {
        UnreadableException(Exception cause) {
            super("the key of management tokens cannot be read: " + cause.getMessage(), cause);
        }
    }
}
