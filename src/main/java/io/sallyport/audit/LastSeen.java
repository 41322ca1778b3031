package io.sallyport.audit;

import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.ServiceTokenId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * When service tokens and app passes were last used: noted in memory on the request path, carried to their tables in batches, so that
 * each costs a write in half a minute however often it is used.
 */
public class LastSeen implements ServiceTokenUse, AppPassUse {
    private static final Logger LOG = LoggerFactory.getLogger(LastSeen.class);

    private final JdbcTemplate jdbc;
    private final Noted<ServiceTokenId> tokens = new Noted<>("service tokens", """
                    update service_tokens set last_seen_at = ? where id = ?
                    and (last_seen_at is null or last_seen_at < ?)""", ServiceTokenId::value);
    private final Noted<IdentityNonce> passes = new Noted<>("app passes", """
                    update app_passes set last_used_at = ? where nonce = ?
                    and (last_used_at is null or last_used_at < ?)""", IdentityNonce::value);

    LastSeen(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public void note(ServiceTokenId token, Instant now) {
        tokens.note(token, now);
    }

    @Override
    public void note(IdentityNonce pass, Instant now) {
        passes.note(pass, now);
    }

    /** Writes what was noted since the last time. Blocking; the scheduler calls it. */
    @Scheduled(fixedDelayString = "30s")
    public void carry() {
        tokens.carry(jdbc);
        passes.carry(jdbc);
    }

    /** The newest use of each of a kind; bounded by how many there are. */
    private static final class Noted<K> {
        private final String what;
        private final String update;
        private final Function<K, Object> key;
        private final Map<K, Instant> pending = new ConcurrentHashMap<>();

        Noted(String what, String update, Function<K, Object> key) {
            this.what = what;
            this.update = update;
            this.key = key;
        }

        void note(K used, Instant now) {
            pending.put(used, now);
        }

        /** A failed batch goes back unless something newer was noted meanwhile. */
        void carry(JdbcTemplate jdbc) {
            List<Map.Entry<K, Instant>> batch =
                    pending.entrySet().stream().map(Map.Entry::copyOf).toList();
            if (batch.isEmpty()) {
                return;
            }
            batch.forEach(noted -> pending.remove(noted.getKey(), noted.getValue()));
            try {
                jdbc.batchUpdate(update, batch.stream().map(this::parameters).toList());
            } catch (RuntimeException failed) {
                batch.forEach(noted -> pending.putIfAbsent(noted.getKey(), noted.getValue()));
                LOG.warn("The last use of {} cannot be stored, trying again: {}", what, failed.getMessage());
            }
        }

        private Object[] parameters(Map.Entry<K, Instant> noted) {
            OffsetDateTime at = OffsetDateTime.ofInstant(noted.getValue(), ZoneOffset.UTC);
            return new Object[] {at, key.apply(noted.getKey()), at};
        }
    }
}
