package io.sallyport.audit;

import io.sallyport.identity.ServiceTokenId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;

/** When service tokens were last used: noted in memory on the request path, carried to the table in batches. */
public class LastSeen implements ServiceTokenUse {
    private static final Logger LOG = LoggerFactory.getLogger(LastSeen.class);

    private final JdbcTemplate jdbc;
    private final Map<ServiceTokenId, Instant> pending = new ConcurrentHashMap<>();

    LastSeen(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Never blocks; the map is bounded by the number of tokens. */
    @Override
    public void note(ServiceTokenId token, Instant now) {
        pending.put(token, now);
    }

    /** Writes what was noted since the last time. A failed batch goes back unless something newer was noted meanwhile. */
    @Scheduled(fixedDelayString = "30s")
    void carry() {
        List<Map.Entry<ServiceTokenId, Instant>> batch =
                pending.entrySet().stream().map(Map.Entry::copyOf).toList();
        batch.forEach(noted -> pending.remove(noted.getKey(), noted.getValue()));
        try {
            jdbc.batchUpdate("""
                    update service_tokens set last_seen_at = ? where id = ?
                    and (last_seen_at is null or last_seen_at < ?)""", batch.stream().map(LastSeen::parameters).toList());
        } catch (RuntimeException failed) {
            batch.forEach(noted -> pending.putIfAbsent(noted.getKey(), noted.getValue()));
            LOG.warn("The last use of service tokens cannot be stored, trying on: {}", failed.getMessage());
        }
    }

    private static Object[] parameters(Map.Entry<ServiceTokenId, Instant> noted) {
        OffsetDateTime at = OffsetDateTime.ofInstant(noted.getValue(), ZoneOffset.UTC);
        return new Object[] {at, noted.getKey().value(), at};
    }
}
