package io.sallyport.control;

import io.sallyport.saml.ProviderMetadata;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Records when the metadata of each SAML provider with a {@code metadata_url} was read, with what result, and when it
 * is read next: once a day, or as often as the document says, but at most once an hour; after a failure in an hour.
 */
final class MetadataReadings {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration SHORTEST = Duration.ofHours(1);
    /**
     * How long a replica reserves a reading; longer than any reading takes. If the replica dies, another one reads
     * after that.
     */
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final JdbcClient jdbc;
    private final InstantSource clock;

    MetadataReadings(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * The state of one provider's metadata.
     *
     * @param next when it is read again
     * @param tried the last attempt; null before the first
     * @param read the last attempt that could be used
     * @param changed the last attempt that changed the entry
     * @param validUntil what the last usable document said of itself
     * @param problem why the last attempt could not be used; null when it could
     */
    record Reading(
            Instant next,
            @Nullable Instant tried,
            @Nullable Instant read,
            @Nullable Instant changed,
            @Nullable Instant validUntil,
            @Nullable String problem) {}

    /** Reserves a provider whose metadata is due, for a minute. */
    Optional<UUID> takeDue() {
        Instant now = clock.instant();
        return jdbc.sql("""
                        insert into saml_metadata_readings as known (idp_id, due_at, tried_at)
                        select p.id, :lease, :now from identity_providers p
                         where p.type = 'saml' and coalesce(p.body -> 'config' ->> 'metadata_url', '') <> ''
                           and not exists (select from saml_metadata_readings r where r.idp_id = p.id and r.due_at > :now)
                         order by p.created_at limit 1
                        on conflict (idp_id) do update set due_at = excluded.due_at, tried_at = excluded.tried_at
                         where known.due_at <= :now
                        returning idp_id""")
                .param("lease", utc(now.plus(LEASE)))
                .param("now", utc(now))
                .query((row, i) -> row.getObject(1, UUID.class))
                .optional();
    }

    /** The same for one provider, due or not. */
    void take(UUID provider) {
        Instant now = clock.instant();
        jdbc.sql("""
                        insert into saml_metadata_readings (idp_id, due_at, tried_at) values (:idp, :lease, :now)
                        on conflict (idp_id) do update set due_at = excluded.due_at, tried_at = excluded.tried_at""")
                .param("idp", provider)
                .param("lease", utc(now.plus(LEASE)))
                .param("now", utc(now))
                .update();
    }

    /** Records a usable document. */
    void read(UUID provider, ProviderMetadata metadata, boolean changed) {
        Instant now = clock.instant();
        jdbc.sql("""
                        insert into saml_metadata_readings as known
                            (idp_id, due_at, tried_at, read_at, changed_at, valid_until, problem)
                        values (:idp, :due, :now, :now, case when :changed then :now end, :until, null)
                        on conflict (idp_id) do update
                           set due_at = excluded.due_at, tried_at = excluded.tried_at, read_at = excluded.read_at,
                               changed_at = coalesce(excluded.changed_at, known.changed_at),
                               valid_until = excluded.valid_until, problem = null""")
                .param("idp", provider)
                .param("due", utc(now.plus(pause(metadata, now))))
                .param("now", utc(now))
                .param("changed", changed)
                .param("until", metadata.validUntil() == null ? null : utc(metadata.validUntil()))
                .update();
    }

    /** Records why a reading failed. The last usable document stays in effect. */
    void failed(UUID provider, String problem) {
        Instant now = clock.instant();
        jdbc.sql(
                        "update saml_metadata_readings set due_at = :due, tried_at = :now, problem = :problem where idp_id = :idp")
                .param("due", utc(now.plus(SHORTEST)))
                .param("now", utc(now))
                .param("problem", problem)
                .param("idp", provider)
                .update();
    }

    /** The state; empty before the first reading. */
    Optional<Reading> find(UUID provider) {
        return jdbc.sql("select * from saml_metadata_readings where idp_id = ?")
                .param(provider)
                .query(MetadataReadings::reading)
                .optional();
    }

    /**
     * The time until the next reading: well before the document expires, as often as it asks for, and at least once a
     * day.
     */
    static Duration pause(ProviderMetadata metadata, Instant now) {
        Duration pause = LONGEST;
        Duration wanted = metadata.cacheDuration();
        if (wanted != null && wanted.compareTo(pause) < 0) {
            pause = wanted;
        }
        if (metadata.validUntil() != null) {
            Duration half = Duration.between(now, metadata.validUntil()).dividedBy(2);
            pause = half.compareTo(pause) < 0 ? half : pause;
        }
        return pause.compareTo(SHORTEST) < 0 ? SHORTEST : pause;
    }

    private static Reading reading(ResultSet row, int index) throws SQLException {
        return new Reading(
                row.getObject("due_at", OffsetDateTime.class).toInstant(),
                time(row, "tried_at"),
                time(row, "read_at"),
                time(row, "changed_at"),
                time(row, "valid_until"),
                row.getString("problem"));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
