package io.sallyport.control;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The bearer secrets directories present to inbound SCIM: one per provider entry, shown once, kept as hashes. */
final class ScimSecrets {
    private static final String PREFIX = "sallyport_scim_";

    private final JdbcClient jdbc;
    private final InstantSource clock;

    ScimSecrets(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** A first secret for a provider that has none. */
    Optional<ShownOnceSecret> first(UUID provider) {
        ShownOnceSecret secret = ShownOnceSecret.random(PREFIX);
        int made = jdbc.sql("""
                        insert into scim_secrets (idp_id, secret_hash, created_at) values (:idp, :hash, :now)
                        on conflict do nothing""")
                .param("idp", provider)
                .param("hash", secret.hash())
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        return made == 1 ? Optional.of(secret) : Optional.empty();
    }

    /** A new secret; the old one ends now. */
    ShownOnceSecret renew(UUID provider) {
        ShownOnceSecret secret = ShownOnceSecret.random(PREFIX);
        jdbc.sql("""
                        insert into scim_secrets (idp_id, secret_hash, created_at) values (:idp, :hash, :now)
                        on conflict (idp_id) do update
                           set secret_hash = excluded.secret_hash, created_at = excluded.created_at""")
                .param("idp", provider)
                .param("hash", secret.hash())
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        return secret;
    }
}
