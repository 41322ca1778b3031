package io.sallyport.audit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Deletes old rows: events and changes by directories past their retention, and sessions, revocations and used nonces
 * that have no effect any more. Any number of replicas may run it at once.
 */
class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    /** Ended sessions stay a while, for the admin's view of a person. */
    private static final Duration ENDED_SESSIONS = Duration.ofDays(30);

    /** Rows that guard tokens are kept this long after their expiry, because the clocks of replicas differ. */
    private static final Duration MARGIN = Duration.ofHours(1);

    private final JdbcClient jdbc;
    private final InstantSource clock;
    private final Duration events;

    Retention(JdbcClient jdbc, InstantSource clock, Duration events) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.events = events;
    }

    /** Deletes the expired rows. */
    @Scheduled(initialDelayString = "2m", fixedDelayString = "1h")
    void prune() {
        Instant now = clock.instant();
        try {
            int gone = delete("auth_events where at < ?", now.minus(events))
                    + delete("scim_updates where at < ?", now.minus(events))
                    + delete("sessions where expires_at < ?", now.minus(ENDED_SESSIONS))
                    + delete("consumed_nonces where expires_at < ?", now.minus(MARGIN))
                    + delete("revocations where expires_at < ?", now.minus(MARGIN));
            LOG.debug("{} rows forgotten", gone);
        } catch (RuntimeException failed) {
            LOG.warn("Old rows cannot be deleted, trying again in an hour: {}", failed.getMessage());
        }
    }

    private int delete(String what, Instant before) {
        return jdbc.sql("delete from " + what)
                .param(OffsetDateTime.ofInstant(before, ZoneOffset.UTC))
                .update();
    }
}
