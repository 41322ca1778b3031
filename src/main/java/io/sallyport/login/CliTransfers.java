package io.sallyport.login;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Sealed tokens on their way to a command line: in the database, because the browser and the command line may talk to different
 * replicas. Each is handed out once. Blocking.
 */
class CliTransfers {
    /** How long tokens wait to be fetched: the command line is polling already. */
    private static final Duration LIFE = Duration.ofMinutes(5);

    private final JdbcClient jdbc;

    CliTransfers(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * The sealed tokens.
     *
     * @param sender public key it was sealed with, base64url
     * @param box base64
     */
    record Sealed(String sender, String box) {}

    /** Stores sealed tokens under a key; a second one for the same key replaces the first. */
    void leave(String key, Sealed sealed, Instant now) {
        jdbc.sql("""
                        insert into cli_transfers (id, sender, box, expires_at) values (:id, :sender, :box, :expires)
                        on conflict (id) do update
                           set sender = excluded.sender, box = excluded.box, expires_at = excluded.expires_at""")
                .param("id", Seals.hash(key))
                .param("sender", sealed.sender())
                .param("box", sealed.box())
                .param("expires", OneTimeUse.timestamp(now.plus(LIFE)))
                .update();
        jdbc.sql("delete from cli_transfers where expires_at < ?")
                .param(OneTimeUse.timestamp(now))
                .update();
    }

    /** Takes the sealed tokens out; empty when they are not there yet, were taken, or have expired. */
    Optional<Sealed> take(String key, Instant now) {
        return jdbc.sql("delete from cli_transfers where id = :id and expires_at > :now returning sender, box")
                .param("id", Seals.hash(key))
                .param("now", OneTimeUse.timestamp(now))
                .query((row, number) -> new Sealed(row.getString("sender"), row.getString("box")))
                .optional();
    }
}
