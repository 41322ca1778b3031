package io.sallyport;

import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.catalog.TunnelRow;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.SamlEncryptionKey;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Moves stored secrets from former master keys to the current one while the server runs (SE-03). Each record is changed only as it
 * was read, so replicas may do this side by side, and an interrupted run goes on at the next start.
 */
final class MasterKeyRotation implements ApplicationListener<ApplicationReadyEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(MasterKeyRotation.class);

    private final EnvelopeKeyWrapper wrapper;
    private final JdbcClient jdbc;

    /** A column of enveloped secrets, and what each row's is called. */
    private record Place(String table, String key, String column, UnaryOperator<String> record) {}

    private static final List<Place> PLACES = List.of(
            new Place(
                    "identity_providers",
                    "id::text",
                    "secret",
                    id -> IdentityProviderRow.secretRecord(UUID.fromString(id))),
            new Place("tunnels", "id::text", "secret", id -> TunnelRow.secretRecord(UUID.fromString(id))),
            new Place("signing_keys", "kid", "private_key", kid -> "signing-key/" + kid),
            new Place("audit_keys", "kid", "private_key", kid -> "audit-key/" + kid),
            new Place(
                    "saml_certificates",
                    "id::text",
                    "private_key",
                    id -> SamlEncryptionKey.record(UUID.fromString(id))),
            new Place("tunnel_authority", "'only'", "key", only -> "tunnel/authority/key"),
            new Place("replica_authority", "'only'", "key", only -> "replica/authority/key"),
            new Place("tunnel_management_key", "'only'", "key", only -> "tunnel/management/key"));

    MasterKeyRotation(EnvelopeKeyWrapper wrapper, JdbcClient jdbc) {
        this.wrapper = wrapper;
        this.jdbc = jdbc;
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent ready) {
        Thread.ofVirtual().name("master-key-rotation").start(this::run);
    }

    private void run() {
        try {
            int moved = 0;
            for (Place place : PLACES) {
                moved += move(place);
            }
            LOG.info("{} secrets moved to the current master key; none is left under a former one", moved);
        } catch (GeneralSecurityException | RuntimeException e) {
            LOG.error(
                    "not all secrets could be moved to the current master key; keep the former one: {}", e.toString());
        }
    }

    private int move(Place place) throws GeneralSecurityException {
        List<Map<String, @Nullable Object>> all = jdbc.sql("select %s as key, %s as secret from %s where %s is not null"
                        .formatted(place.key(), place.column(), place.table(), place.column()))
                .query()
                .listOfRows();
        int moved = 0;
        for (Map<String, @Nullable Object> each : all) {
            String key = String.valueOf(each.get("key"));
            if (each.get("secret") instanceof byte[] secret && wrapper.needsRewrap(secret)) {
                moved += jdbc.sql("update %s set %s = :fresh where %s = :key and %s = :stored"
                                .formatted(place.table(), place.column(), place.key(), place.column()))
                        .param("fresh", wrapper.rewrap(place.record().apply(key), secret))
                        .param("key", key)
                        .param("stored", secret)
                        .update();
            }
        }
        return moved;
    }
}
