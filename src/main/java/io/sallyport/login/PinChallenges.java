package io.sallyport.login;

import static io.sallyport.login.OneTimeUse.timestamp;

import io.sallyport.identity.Email;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
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
    /** How long used and expired codes are kept, to be able to tell why one does not work. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Seals seals;
    private final PinLimits limits;

    PinChallenges(JdbcClient jdbc, TransactionTemplate transaction, Seals seals) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.seals = seals;
        this.limits = new PinLimits(jdbc, seals);
    }

    /**
     * Whom a code is for.
     *
     * @param browser hash of its CF_Session, which lasts for one login
     * @param device its CF_Device, which lasts longer; null when it has none
     */
    record Request(
            Email email,
            String browser,
            String audience,
            String source,
            @Nullable String device) {}

    /** A new code; the PIN is sent by mail only. */
    record Made(String id, String pin) {
        @Override
        public String toString() {
            return "Made[" + id + ", …]";
        }
    }

    /** Outcome of a try. */
    enum Try {
        RIGHT,
        WRONG,
        /** Wrong, and there are no more tries: the challenge has ended. */
        EXHAUSTED,
        /** The code was used before, whatever was entered. */
        USED,
        /** Expired, replaced by a newer code, or unknown. */
        ENDED
    }

    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    private record Row(byte[] pinMac, int attempts, boolean consumed, boolean over) {}

    /**
     * Makes a code and invalidates the older one of the same browser; empty when {@link PinLimits} are exceeded. Codes
     * of other browsers stay valid, so a stranger who enters a person's address cannot invalidate the person's code.
     */
    Optional<Made> make(Request request, Instant now) {
        return Optional.ofNullable(transaction.execute(_ -> makeLocked(request, now)));
    }

    private @Nullable Made makeLocked(Request request, Instant now) {
        prune(now);
        if (!limits.admit(request, now)) {
            return null;
        }
        byte[] address = seals.mac("otp-address", request.email().value());
        jdbc.sql("""
                        update otp_challenges set ended_at = ?
                        where email_mac = ? and browser_mac = ? and app_aud = ? and consumed_at is null and ended_at is null""")
                .params(timestamp(now), address, browser(request.browser()), request.audience())
                .update();
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

    /** Tries a code. The try is counted before it is checked, so that concurrent tries cannot exceed five. */
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
        if (consumed == 0) {
            return Try.USED;
        }
        limits.prove(request, now);
        return Try.RIGHT;
    }

    private void prune(Instant now) {
        jdbc.sql("""
                        delete from otp_challenges where id in
                            (select id from otp_challenges where expires_at < ? order by expires_at limit 50)""").param(timestamp(now.minus(REMEMBERED))).update();
    }

    private byte[] browser(String session) {
        return seals.mac("otp-browser", session);
    }

    private byte[] pinMac(String id, String pin) {
        return seals.mac("otp-pin", id + " " + pin);
    }
}
