package io.sallyport.decision;

import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;

/** Deletes decisions by age and by number. Any number of replicas may run it at once. */
class DecisionRetention {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionRetention.class);

    private final JdbcClient jdbc;
    private final InstantSource clock;
    private final Duration keep;
    private final long keepRows;

    DecisionRetention(JdbcClient jdbc, InstantSource clock, Duration keep, long keepRows) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.keep = keep;
        this.keepRows = keepRows;
    }

    /** Deletes decisions that are too old, then the oldest ones beyond the limit. */
    @Scheduled(initialDelayString = "3m", fixedDelayString = "10m")
    void prune() {
        try {
            int old = jdbc.sql("delete from decisions where at < ?")
                    .param(OffsetDateTime.ofInstant(clock.instant().minus(keep), ZoneOffset.UTC))
                    .update();
            int surplus = jdbc.sql("""
                            delete from decisions
                            where seq <= (select seq from decisions order by seq desc limit 1 offset ?)""").param(keepRows).update();
            LOG.debug("{} decisions forgotten for their age, {} for their number", old, surplus);
        } catch (RuntimeException failed) {
            LOG.warn("Old decisions cannot be deleted, trying again: {}", failed.getMessage());
        }
    }
}
