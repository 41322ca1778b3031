package io.sallyport.control;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Tells the DNS server what names lead to. The wish is written in the transaction of the change, so it is never lost and never
 * early; it is told right after the commit, and again, with growing pauses, until the server has taken it. Two wishes for one name
 * are never on their way at once.
 */
final class DnsUpdates {
    private static final Logger LOG = LoggerFactory.getLogger(DnsUpdates.class);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int LONGEST_PAUSE_SECONDS = 600;

    private final JdbcClient jdbc;
    private final Optional<DnsServer> server;

    DnsUpdates(JdbcClient jdbc, Optional<DnsServer> server) {
        this.jdbc = jdbc;
        this.server = server;
    }

    /** A wish that is to be told. */
    private record Wish(String name, @Nullable String target, long revision, int attempts) {}

    /** Notes, in the surrounding transaction, what a name shall lead to. */
    void wish(String name, @Nullable String target) {
        if (server.filter(dns -> dns.covers(name)).isEmpty()) {
            return;
        }
        jdbc.sql("""
                        insert into dns_updates (name, target, due_at) values (:name, :target, clock_timestamp())
                        on conflict (name) do update
                           set target = excluded.target, revision = default, attempts = 0, error = null,
                               due_at = clock_timestamp()""").param("name", name).param("target", target).update();
    }

    /** What has not been told yet of these names, and why. */
    Map<String, String> pending(Collection<String> names) {
        Map<String, String> pending = new HashMap<>();
        if (server.isPresent()) {
            jdbc.sql("select name, error from dns_updates where name = any(?)")
                    .param(names.toArray(String[]::new))
                    .query((row, i) -> pending.put(
                            row.getString(1),
                            Optional.ofNullable(row.getString(2)).orElse("about to be told")))
                    .list();
        }
        return pending;
    }

    /** Whether anybody is told of this name. */
    boolean covers(String name) {
        return server.filter(dns -> dns.covers(name)).isPresent();
    }

    /** Tells the server of this name now, outside any transaction. What fails is told again later. */
    void tell(String name) {
        tellAll("name = :name and due_at <= clock_timestamp()", name);
    }

    /** Tells what is due. */
    @Scheduled(fixedDelayString = "5s")
    void tellDue() {
        tellAll("due_at <= clock_timestamp()", "");
    }

    private void tellAll(String which, String name) {
        if (server.isEmpty()) {
            return;
        }
        try {
            Optional<Wish> wish = lease(which, name);
            while (wish.isPresent()) {
                tell(server.get(), wish.get());
                wish = lease(which, name);
            }
        } catch (DataAccessException gone) {
            LOG.warn("DNS updates wait for the database: {}", gone.getMessage());
        }
    }

    private Optional<Wish> lease(String which, String name) {
        return jdbc.sql("""
                        update dns_updates set leased_until = clock_timestamp() + make_interval(secs => :lease)
                        where name = (select name from dns_updates
                            where (leased_until is null or leased_until < clock_timestamp()) and %s
                            order by due_at limit 1 for update skip locked)
                        returning name, target, revision, attempts""".formatted(which))
                .param("lease", LEASE.toSeconds())
                .param("name", name)
                .query((row, i) -> new Wish(row.getString(1), row.getString(2), row.getLong(3), row.getInt(4)))
                .optional();
    }

    private void tell(DnsServer dns, Wish wish) {
        try {
            dns.tell(wish.name(), wish.target());
            int told = jdbc.sql("delete from dns_updates where name = ? and revision = ?")
                    .params(wish.name(), wish.revision())
                    .update();
            if (told == 0) {
                release(wish, null, 0);
            }
        } catch (DnsServer.Refused refused) {
            LOG.warn("The DNS server has not accepted the update of {}: {}", wish.name(), refused.getMessage());
            int pause = Math.min(LONGEST_PAUSE_SECONDS, 5 << Math.min(wish.attempts(), 10));
            release(wish, refused.getMessage(), pause);
        }
    }

    /** Another wish may have come meanwhile: it is due at once, and has not failed. */
    private void release(Wish wish, @Nullable String error, int pauseSeconds) {
        jdbc.sql("""
                        update dns_updates
                           set leased_until = null,
                               attempts = case when revision = :revision then attempts + 1 else attempts end,
                               error = case when revision = :revision then :error else error end,
                               due_at = case when revision = :revision
                                             then clock_timestamp() + make_interval(secs => :pause) else due_at end
                         where name = :name""")
                .param("revision", wish.revision())
                .param("error", error)
                .param("pause", pauseSeconds)
                .param("name", wish.name())
                .update();
    }
}
