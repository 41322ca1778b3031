package io.sallyport.login;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lets every state and code work once in the whole cluster (OI-01), by a row per used one. */
class OneTimeUse {
    private final JdbcClient jdbc;

    OneTimeUse(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * True for the first caller, false for all later ones on any replica. {@code audit.Retention} deletes expired rows.
     */
    boolean first(String id, long endsEpochSecond) {
        return jdbc.sql("insert into consumed_nonces (id, expires_at) values (?, ?) on conflict do nothing")
                        .params(id, timestamp(Instant.ofEpochSecond(endsEpochSecond)))
                        .update()
                == 1;
    }

    static OffsetDateTime timestamp(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
