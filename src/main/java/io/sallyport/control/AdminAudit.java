package io.sallyport.control;

import java.sql.Timestamp;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * Writes the trail of admin changes, in the transaction of the change (AD-06). Before and after are what a read would have
 * returned, and reads hold no secrets, so the trail holds none either (AD-05).
 */
final class AdminAudit {
    private final JdbcClient jdbc;
    private final InstantSource clock;

    AdminAudit(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Notes one change.
     *
     * @param action {@code create}, {@code replace}, {@code delete}, {@code rotate}, …
     * @param before null when there was nothing
     * @param after null when there is nothing any more
     */
    void record(
            AdminCall call,
            String action,
            String kind,
            String id,
            @Nullable JsonNode before,
            @Nullable JsonNode after) {
        jdbc.sql("""
                        insert into audit_log
                            (at, actor, source_ip, ray, action, resource_kind, resource_id, before, after)
                        values (:at, :actor, :source, :ray, :action, :kind, :id,
                            cast(:before as jsonb), cast(:after as jsonb))""")
                .param("at", Timestamp.from(clock.instant()))
                .param("actor", call.actor())
                .param("source", call.source())
                .param("ray", call.ray())
                .param("action", action)
                .param("kind", kind)
                .param("id", id)
                .param("before", before == null ? null : before.toString())
                .param("after", after == null ? null : after.toString())
                .update();
    }
}
