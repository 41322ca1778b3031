package io.sallyport.snapshot;

import io.sallyport.catalog.ConfigVersion;
import io.sallyport.catalog.StateFailure;
import io.sallyport.http.HostName;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Creates what every deployment needs: the account, the organisation, the first signing keys. At later starts it only
 * checks whether the operator has changed {@code sallyport.auth-domain}: the latest change counts, whether of the
 * setting or through the API. Replicas that start together are serialised by the configuration version's lock.
 */
final class FirstStart {
    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);

    private final JdbcClient jdbc;
    private final ConfigVersion version;
    private final SigningKeys keys;
    private final TransactionTemplate transaction;
    private final InstantSource clock;
    private final String authDomain;

    FirstStart(
            JdbcClient jdbc,
            ConfigVersion version,
            SigningKeys keys,
            TransactionTemplate transaction,
            InstantSource clock,
            String authDomain) {
        this.jdbc = jdbc;
        this.version = version;
        this.keys = keys;
        this.transaction = transaction;
        this.clock = clock;
        this.authDomain = HostName.parse(authDomain)
                .orElseThrow(() -> new StateFailure("sallyport.auth-domain " + authDomain + " is not a host name"))
                .value();
    }

    /** Creates what is missing. */
    void run() {
        if (configured().filter(authDomain::equals).isEmpty()) {
            transaction.executeWithoutResult(tx -> {
                version.bump();
                configured().ifPresentOrElse(this::follow, this::begin);
            });
        }
    }

    /** The setting at the last start; empty at the first. */
    private Optional<String> configured() {
        return jdbc.sql("select configured_auth_domain from organization")
                .query((row, number) -> row.getString(1))
                .optional();
    }

    private void follow(String before) {
        if (!before.equals(authDomain)) {
            LOG.info("sallyport.auth-domain changed from {} to {}", before, authDomain);
            jdbc.sql(
                            "update organization set auth_domain = :now, configured_auth_domain = :now, revision = revision + 1")
                    .param("now", authDomain)
                    .update();
        }
    }

    private void begin() {
        OffsetDateTime now = OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
        jdbc.sql("insert into account (id, zone_id, name, created_at) values (?, ?, 'Sallyport', ?)")
                .params(randomId(), randomId(), now)
                .update();
        jdbc.sql("""
                        insert into organization (name, auth_domain, configured_auth_domain, created_at, updated_at)
                        values ('Sallyport', ?, ?, ?, ?)""").params(authDomain, authDomain, now, now).update();
        keys.makeFirst();
    }

    private static String randomId() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }
}
