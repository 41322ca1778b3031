package io.sallyport.login;

import static io.sallyport.login.OneTimeUse.timestamp;

import io.sallyport.login.PinChallenges.Request;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How many codes may be asked for, counted in PostgreSQL for all replicas (OT-03): five for an address, twenty from a
 * source and from a device, in a quarter of an hour.
 *
 * <p>Anybody can enter anybody's address, so these counters alone would let a stranger lock a person out. Two rules
 * prevent that. A source gets at most three of an address's five codes, so that one source cannot use them up. And a
 * browser in which a code for the address was entered correctly gets five codes of its own for thirty days, which
 * requests from other browsers do not count against. A stranger with two sources can still block browsers that the
 * person never used.
 */
final class PinLimits {
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int PER_ADDRESS = 5;
    private static final int PER_ADDRESS_AND_SOURCE = 3;
    private static final int PER_SOURCE = 20;

    /** As long as CF_Device lives. */
    private static final Duration KNOWN_FOR = Duration.ofDays(30);

    private final JdbcClient jdbc;
    private final Seals seals;

    PinLimits(JdbcClient jdbc, Seals seals) {
        this.jdbc = jdbc;
        this.seals = seals;
    }

    @SuppressWarnings("ArrayRecordComponent") // bound to a statement, never compared
    private record Bucket(byte[] mac, int most) {}

    /** Counts a request if no limit is exceeded. Must run in the transaction in which the caller makes the code. */
    boolean admit(Request request, Instant now) {
        prune(now);
        List<Bucket> buckets = isKnown(request, now) ? ofItsOwn(request) : shared(request);
        buckets.sort(Comparator.comparing(bucket -> HexFormat.of().formatHex(bucket.mac())));
        return countIn(buckets, now);
    }

    /** Records that a code mailed to this address was entered correctly in this browser. */
    void prove(Request request, Instant now) {
        if (request.device() != null) {
            jdbc.sql("""
                            insert into otp_devices (mac, expires_at) values (?, ?)
                            on conflict (mac) do update set expires_at = excluded.expires_at""")
                    .params(deviceMac(request), timestamp(now.plus(KNOWN_FOR)))
                    .update();
        }
    }

    private boolean isKnown(Request request, Instant now) {
        return request.device() != null
                && jdbc.sql("select exists (select from otp_devices where mac = ? and expires_at > ?)")
                        .params(deviceMac(request), timestamp(now))
                        .query(Boolean.class)
                        .single();
    }

    private List<Bucket> ofItsOwn(Request request) {
        return new ArrayList<>(
                List.of(bucket("known " + request.email().value() + " " + request.device(), PER_ADDRESS)));
    }

    private List<Bucket> shared(Request request) {
        String address = request.email().value();
        List<Bucket> buckets = new ArrayList<>(List.of(
                bucket("address " + address, PER_ADDRESS),
                bucket("address " + address + " source " + request.source(), PER_ADDRESS_AND_SOURCE),
                bucket("source " + request.source(), PER_SOURCE)));
        if (request.device() != null) {
            buckets.add(bucket("device " + request.device(), PER_SOURCE));
        }
        return buckets;
    }

    private Bucket bucket(String what, int most) {
        return new Bucket(seals.mac("otp-rate", what), most);
    }

    /** Locks the buckets in a fixed order, reads their counts, and counts this request if none is full. */
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

    private void prune(Instant now) {
        jdbc.sql("""
                        delete from otp_requests where ctid in
                            (select ctid from otp_requests where at < ? order by at limit 50 for update skip locked)""").param(timestamp(now.minus(WINDOW))).update();
        jdbc.sql("""
                        delete from otp_devices where mac in
                            (select mac from otp_devices where expires_at < ? order by expires_at limit 50 for update skip locked)""").param(timestamp(now)).update();
    }

    private byte[] deviceMac(Request request) {
        return seals.mac("otp-device", request.email().value() + " " + request.device());
    }
}
