package io.sallyport.login;

import static io.sallyport.login.OneTimeUse.timestamp;

import io.sallyport.identity.Email;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One-time PINs in PostgreSQL, so that counters hold on every replica and over a restart (OT-03). Everything stored is a keyed hash;
 * a code is bound to browser, address and application (OT-02), and consumed by one atomic update (OT-04).
 */
class PinChallenges {
    /** Digits of a code. */
    static final int DIGITS = 6;

    /** How long a code is valid. */
    static final Duration LIFE = Duration.ofMinutes(10);

    private static final int TRIES = 5;
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int PER_ADDRESS = 5;
    private static final int PER_SOURCE = 20;
    /** Used and ended codes stay this long, to be able to say what became of them. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Seals seals;

    PinChallenges(JdbcClient jdbc, TransactionTemplate transaction, Seals seals) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.seals = seals;
    }

    /** Whom a code is for. */
    record Request(
            Email email,
            String browser,
            String audience,
            String source,
            @Nullable String device) {}

    /** A code that was made; the PIN leaves by mail only. */
    record Made(String id, String pin) {
        @Override
        public String toString() {
            return "Made[" + id + ", …]";
        }
    }

    /** How a try ended. */
    enum Try {
        RIGHT,
        WRONG,
        /** The last wrong one: the challenge is dead. */
        EXHAUSTED,
        /** Right or wrong, the code was used before. */
        USED,
        /** Too old, replaced by a newer one, or never there. */
        ENDED
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Row(byte[] pinMac, int attempts, boolean consumed, boolean over) {}

    /** Makes a code, ending the older one; empty when the address, the source or the device had too many. */
    Optional<Made> make(Request request, Instant now) {
        return Optional.ofNullable(transaction.execute(_ -> makeLocked(request, now)));
    }

    private @Nullable Made makeLocked(Request request, Instant now) {
        prune(now);
        if (!countIn(buckets(request), now)) {
            return null;
        }
        byte[] address = seals.mac("otp-address", request.email().value());
        jdbc.sql("""
                        update otp_challenges set ended_at = ?
                        where email_mac = ? and app_aud = ? and consumed_at is null and ended_at is null""").params(timestamp(now), address, request.audience()).update();
        String id = seals.random();
        String pin = String.format(Locale.ROOT, "%0" + DIGITS + "d", seals.random((int) Math.pow(10, DIGITS)));
        jdbc.sql("""
                        insert into otp_challenges (id, email_mac, browser_mac, app_aud, pin_mac, created_at, expires_at)
                        values (?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        id,
                        address,
                        browser(request.browser()),
                        request.audience(),
                        pinMac(id, pin),
                        timestamp(now),
                        timestamp(now.plus(LIFE)))
                .update();
        return new Made(id, pin);
    }

    /** Tries a code. Counts the try before looking at it, so that racing tries cannot have more than five. */
    Try attempt(String id, Request request, String pin, Instant now) {
        Optional<Row> counted = jdbc.sql("""
                        update otp_challenges set attempts = attempts + 1
                        where id = ? and email_mac = ? and browser_mac = ? and app_aud = ?
                        returning pin_mac, attempts, consumed_at is not null,
                                  ended_at is not null or expires_at <= ?""")
                .params(
                        id,
                        seals.mac("otp-address", request.email().value()),
                        browser(request.browser()),
                        request.audience(),
                        timestamp(now))
                .query((row, _) -> new Row(row.getBytes(1), row.getInt(2), row.getBoolean(3), row.getBoolean(4)))
                .optional();
        boolean right = MessageDigest.isEqual(counted.map(Row::pinMac).orElseGet(() -> new byte[32]), pinMac(id, pin));
        if (counted.isEmpty() || counted.get().over()) {
            return Try.ENDED;
        }
        if (counted.get().consumed()) {
            return Try.USED;
        }
        if (counted.get().attempts() > TRIES) {
            return Try.EXHAUSTED;
        }
        if (!right) {
            return counted.get().attempts() == TRIES ? Try.EXHAUSTED : Try.WRONG;
        }
        int consumed = jdbc.sql("update otp_challenges set consumed_at = ? where id = ? and consumed_at is null")
                .params(timestamp(now), id)
                .update();
        return consumed == 1 ? Try.RIGHT : Try.USED;
    }

    /** Takes the buckets' locks in one order, counts them, and enters this request if all have room. */
    private boolean countIn(List<Bucket> buckets, Instant now) {
        OffsetDateTime since = timestamp(now.minus(WINDOW));
        for (Bucket bucket : buckets) {
            jdbc.sql("select pg_advisory_xact_lock(hashtextextended(?, 0))::text")
                    .param(HexFormat.of().formatHex(bucket.mac()))
                    .query(String.class)
                    .optional();
            long recent = jdbc.sql("select count(*) from otp_requests where bucket = ? and at > ?")
                    .params(bucket.mac(), since)
                    .query(Long.class)
                    .single();
            if (recent >= bucket.most()) {
                return false;
            }
        }
        buckets.forEach(bucket -> jdbc.sql("insert into otp_requests (bucket, at) values (?, ?)")
                .params(bucket.mac(), timestamp(now))
                .update());
        return true;
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Bucket(byte[] mac, int most) {}

    private List<Bucket> buckets(Request request) {
        List<Bucket> buckets = new ArrayList<>(List.of(
                new Bucket(seals.mac("otp-rate", "address " + request.email().value()), PER_ADDRESS),
                new Bucket(seals.mac("otp-rate", "source " + request.source()), PER_SOURCE)));
        if (request.device() != null) {
            buckets.add(new Bucket(seals.mac("otp-rate", "device " + request.device()), PER_SOURCE));
        }
        buckets.sort(Comparator.comparing(bucket -> HexFormat.of().formatHex(bucket.mac())));
        return buckets;
    }

    private void prune(Instant now) {
        jdbc.sql("""
                        delete from otp_challenges where id in
                            (select id from otp_challenges where expires_at < ? order by expires_at limit 50)""").param(timestamp(now.minus(REMEMBERED))).update();
        jdbc.sql("""
                        delete from otp_requests where ctid in
                            (select ctid from otp_requests where at < ? order by at limit 50 for update skip locked)""").param(timestamp(now.minus(WINDOW))).update();
    }

    private byte[] browser(String session) {
        return seals.mac("otp-browser", session);
    }

    private byte[] pinMac(String id, String pin) {
        return seals.mac("otp-pin", id + " " + pin);
    }
}
