package io.sallyport.login;

import io.sallyport.identity.IdpId;
import java.time.Duration;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Has the metadata of a SAML provider read again when an answer fits none of its certificates: it may have changed them before the day
 * was over. Anybody can post an answer that fits none, so however many come to however many replicas, it is read once a minute at most.
 */
class StaleMetadata {
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final JdbcClient jdbc;

    StaleMetadata(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Makes it due, unless it was just read. Who reads it is not here, and nobody waits for that. */
    void suspect(IdpId provider, Instant now) {
        jdbc.sql("""
                        update saml_metadata_readings set due_at = :now
                         where idp_id = :provider and due_at > :now and tried_at <= :lately""")
                .param("now", OneTimeUse.timestamp(now))
                .param("provider", provider.value())
                .param("lately", OneTimeUse.timestamp(now.minus(PAUSE)))
                .update();
    }
}
