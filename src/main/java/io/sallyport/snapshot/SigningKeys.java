package io.sallyport.snapshot;

import io.sallyport.catalog.ConfigVersion;
import io.sallyport.catalog.StateFailure;
import io.sallyport.http.GoDuration;
import io.sallyport.token.KeyRing;
import io.sallyport.token.KeyRotation;
import io.sallyport.token.KeyRotation.Change;
import io.sallyport.token.KeyRotation.Times;
import io.sallyport.token.KeyWrapper;
import io.sallyport.token.SigningKey;
import java.security.GeneralSecurityException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The stored signing keys. {@link KeyRotation} says what is due; this does it, in one transaction that begins by raising the
 * configuration version, whose lock keeps two replicas from rotating twice. Private keys are stored enveloped (SE-01).
 */
public class SigningKeys {
    private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);
    private static final Duration USUAL_SESSION = Duration.ofHours(24);

    private final JdbcClient jdbc;
    private final ConfigVersion version;
    private final KeyWrapper wrapper;
    private final InstantSource clock;
    private final TransactionTemplate transaction;

    SigningKeys(
            JdbcClient jdbc,
            ConfigVersion version,
            KeyWrapper wrapper,
            InstantSource clock,
            TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.version = version;
        this.wrapper = wrapper;
        this.clock = clock;
        this.transaction = transaction;
    }

    /** The numbers the API shows. */
    @Transactional(readOnly = true)
    public KeyRotation.Status status() {
        return rotation().status(times(), clock.instant());
    }

    /**
     * Rotation by hand: the next key signs as soon as validators can know it; what the old one signed goes on working. Part of a
     * write, which raises the version.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public KeyRotation.Status rotate() {
        return change(KeyRotation::rotate);
    }

    /** After a compromise: all keys go at once, and everybody signs in again. Part of a write, which raises the version. */
    @Transactional(propagation = Propagation.MANDATORY)
    public KeyRotation.Status rotateAtOnce() {
        return change(KeyRotation::emergency);
    }

    /**
     * Changes the interval and with it the date of the next rotation. Part of a write, which raises the version.
     *
     * @param days between {@link KeyRotation#SHORTEST_INTERVAL_DAYS} and {@link KeyRotation#LONGEST_INTERVAL_DAYS}
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public KeyRotation.Status setInterval(int days) {
        jdbc.sql("update key_settings set rotation_interval_days = ?")
                .param(days)
                .update();
        return change(KeyRotation::reschedule);
    }

    /** Does what is due: the first keys, the next key, the end of old ones. Reads only, when nothing is. */
    @Scheduled(initialDelayString = "1m", fixedDelayString = "10m")
    void maintain() {
        try {
            if (!rotation().due(times(), clock.instant()).isEmpty()) {
                transaction.executeWithoutResult(tx -> raiseAndChange());
            }
        } catch (RuntimeException failed) {
            LOG.warn(
                    "The rotation of signing keys could not be checked, trying again in ten minutes: {}",
                    failed.getMessage());
        }
    }

    /** Makes the first keys, in the surrounding transaction. */
    void makeFirst() {
        raiseAndChange();
    }

    private void raiseAndChange() {
        version.bump();
        change(KeyRotation::due);
    }

    private KeyRotation.Status change(Asked asked) {
        Instant now = clock.instant();
        List<Change> changes = asked.of(rotation(), times(), now);
        Iterator<SigningKey> fresh = generate(changes, now);
        changes.forEach(each -> apply(each, fresh, now));
        return rotation().status(times(), now);
    }

    /** One of the questions {@link KeyRotation} answers. */
    private interface Asked {
        List<Change> of(KeyRotation rotation, List<Times> keys, Instant now);
    }

    /** As many keys as the changes create; side by side, because the first start waits for two of them. */
    private static Iterator<SigningKey> generate(List<Change> changes, Instant now) {
        return changes.stream().filter(Change.Create.class::isInstance).toList().parallelStream()
                .map(each -> SigningKey.generate(now))
                .toList()
                .iterator();
    }

    private void apply(Change change, Iterator<SigningKey> fresh, Instant now) {
        switch (change) {
            case Change.Create create -> insert(fresh.next(), create, now);
            case Change.Reschedule moved ->
                jdbc.sql("update signing_keys set signs_from = ?, retires_at = ? where kid = ?")
                        .param(utc(moved.signsFrom()))
                        .param(utc(moved.retiresAt()))
                        .param(moved.kid())
                        .update();
            case Change.Delete gone ->
                jdbc.sql("delete from signing_keys where kid = ?")
                        .param(gone.kid())
                        .update();
        }
    }

    private void insert(SigningKey key, Change.Create times, Instant now) {
        jdbc.sql("""
                        insert into signing_keys (kid, private_key, certificate, created_at, published_at, signs_from)
                        values (?, ?, ?, ?, ?, ?)""")
                .param(key.kid())
                .param(wrapper.wrap(record(key.kid()), key.exposePrivateKeyBytes()))
                .param(key.certificatePem())
                .param(utc(now))
                .param(utc(times.publishedAt()))
                .param(utc(times.signsFrom()))
                .update();
    }

    private List<Times> times() {
        return jdbc.sql("select kid, published_at, signs_from, retires_at from signing_keys")
                .query((row, number) -> timesOf(row))
                .list();
    }

    private static Times timesOf(ResultSet row) throws SQLException {
        Timestamp retires = row.getTimestamp(4);
        return new Times(
                row.getString(1),
                row.getTimestamp(2).toInstant(),
                row.getTimestamp(3).toInstant(),
                retires == null ? null : retires.toInstant());
    }

    private KeyRotation rotation() {
        int days = jdbc.sql("select rotation_interval_days from key_settings")
                .query(Integer.class)
                .single();
        return new KeyRotation(Duration.ofDays(days), longestTokenLife());
    }

    private Duration longestTokenLife() {
        return jdbc.sql("""
                        select body->>'session_duration' from applications where body->>'session_duration' is not null
                        union select body->>'session_duration' from policies where body->>'session_duration' is not null
                        union select body->>'session_duration' from organization where body->>'session_duration' is not null""").query((row, number) -> row.getString(1)).list().stream()
                .map(GoDuration::parse)
                .flatMap(Optional::stream)
                .max(Duration::compareTo)
                .filter(longest -> longest.compareTo(USUAL_SESSION) > 0)
                .orElse(USUAL_SESSION);
    }

    /**
     * The ring of these rows, going on from an earlier one so that keys already opened and tokens already verified stay known.
     *
     * @throws StateFailure when the master key does not open them
     */
    KeyRing ring(List<Rows.Key> rows, @Nullable KeyRing earlier) {
        Map<String, SigningKey> opened = earlier == null
                ? Map.of()
                : earlier.entries().stream()
                        .map(KeyRing.Entry::key)
                        .collect(Collectors.toMap(SigningKey::kid, Function.identity()));
        List<KeyRing.Entry> entries = new ArrayList<>();
        for (Rows.Key row : rows) {
            SigningKey known = opened.get(row.kid());
            entries.add(new KeyRing.Entry(
                    known == null ? open(row) : known, row.publishedAt(), row.signsFrom(), row.retiresAt()));
        }
        return earlier == null ? KeyRing.of(entries) : earlier.succeededBy(entries);
    }

    private SigningKey open(Rows.Key row) {
        try {
            return SigningKey.load(wrapper.unwrap(record(row.kid()), row.privateKey()), row.certificate());
        } catch (GeneralSecurityException wrong) {
            throw new StateFailure("the master key does not fit the stored secrets: " + wrong.getMessage(), wrong);
        }
    }

    private static String record(String kid) {
        return "signing-key/" + kid;
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }
}
