package io.sallyport.login;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lets every state and code work once in the whole cluster (OI-01), by a row per used one. */
class OneTimeUse {
    /** Rows stay this long after their end, so that replicas whose clocks differ agree. */
    private static final Duration GRACE = Duration.ofMinutes(5);

    private final JdbcClient jdbc;

    OneTimeUse(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** True for the first caller, false for every other one anywhere. */
    boolean first(String id, long endsEpochSecond, Instant now) {
        boolean first = jdbc.sql("insert into consumed_nonces (id, expires_at) values (?, ?) on conflict do nothing")
                        .params(id, timestamp(Instant.ofEpochSecond(endsEpochSecond)))
                        .update()
                == 1;
        jdbc.sql("""
                        delete from consumed_nonces where id in
                            (select id from consumed_nonces where expires_at < ? order by expires_at limit 20)""").param(timestamp(now.minus(GRACE))).update();
        return first;
    }

    static OffsetDateTime timestamp(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
