package io.sallyport.gateway;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.mtls.Authority;
import io.sallyport.mtls.RevocationLists;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Keeps fetched revocation lists fresh. Warns in the log and a metric, from thirty days before, that a certificate
 * authority or an uploaded revocation list expires; after that its certificates admit nobody.
 */
final class AuthorityWatch implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(AuthorityWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofDays(30);
    private static final Duration SAID_AGAIN = Duration.ofDays(1);

    private final SnapshotHolder snapshots;
    private final RevocationLists lists;
    private final InstantSource clock;
    private final Map<String, Instant> said = new HashMap<>(); // only its own thread looks at it
    private final Rounds rounds = new Rounds("authority-watch", PAUSE, this::round);

    AuthorityWatch(SnapshotHolder snapshots, RevocationLists lists, InstantSource clock, MeterRegistry meters) {
        this.snapshots = snapshots;
        this.lists = lists;
        this.clock = clock;
        Gauge.builder("sallyport.client.authorities.end", this, AuthorityWatch::secondsLeft)
                .baseUnit("seconds")
                .description("until the first client certificate authority that a host asks for ends; NaN without any")
                .register(meters);
    }

    private double secondsLeft() {
        Instant now = clock.instant();
        return authorities(snapshots.current())
                .mapToDouble(authority -> Duration.between(now, end(authority)).toMillis() / 1e3)
                .min()
                .orElse(Double.NaN);
    }

    private static Stream<Authority> authorities(@Nullable Snapshot snapshot) {
        return snapshot == null
                ? Stream.empty()
                : snapshot.demands().hosts().values().stream()
                        .flatMap(demand -> demand.authorities().stream())
                        .distinct();
    }

    private static Instant end(Authority authority) {
        return authority.certificate().getNotAfter().toInstant();
    }

    private void round() {
        try {
            Instant now = clock.instant();
            lists.refresh(now);
            authorities(snapshots.current()).forEach(authority -> {
                about("the client certificate authority", authority, end(authority), now);
                X509CRL list = authority.list();
                if (list != null && list.getNextUpdate() != null) {
                    Instant end = list.getNextUpdate().toInstant();
                    if (end.isBefore(now)) {
                        about("the uploaded revocation list of", authority, end, now);
                    }
                }
            });
        } catch (RuntimeException e) {
            LOG.error("client certificate authorities could not be checked, trying again in the next round", e);
        }
    }

    private void about(String what, Authority authority, Instant end, Instant now) {
        String subject = what + " \"" + authority.name() + "\"";
        Instant last = said.get(subject);
        if (end.isAfter(now.plus(SOON))
                || (last != null && last.plus(SAID_AGAIN).isAfter(now))) {
            return;
        }
        said.put(subject, now);
        if (end.isAfter(now)) {
            LOG.warn("{} ends on {}", subject, end);
        } else {
            LOG.error("{} ended on {}", subject, end);
        }
    }

    @Override
    public void start() {
        rounds.start();
        rounds.soon();
    }

    @Override
    public void stop() {
        rounds.stop();
    }

    @Override
    public boolean isRunning() {
        return rounds.isRunning();
    }
}
