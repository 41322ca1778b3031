package io.sallyport.control;

import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.token.KeyWrapper;
import io.sallyport.token.SamlEncryptionKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The certificates that providers encrypt assertions for, in sets: the newest of a set is published, older ones
 * still decrypt until they end. A set gets a new certificate thirty days before its newest ends.
 */
final class SamlCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(SamlCertificates.class);
    private static final String KIND = "saml_certificate";
    private static final String SET_MEMBER = "saml_certificate_set_id";
    private static final Duration AHEAD = Duration.ofDays(30);

    private final Transactions transactions;
    private final IdentityProviderRepository providers;
    private final JdbcClient jdbc;
    private final KeyWrapper wrapper;
    private final AdminAudit audit;
    private final InstantSource clock;

    SamlCertificates(
            Transactions transactions,
            IdentityProviderRepository providers,
            JdbcClient jdbc,
            KeyWrapper wrapper,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.providers = providers;
        this.jdbc = jdbc;
        this.wrapper = wrapper;
        this.audit = audit;
        this.clock = clock;
    }

    private record Certificate(UUID set, UUID id, String pem, Instant createdAt, Instant expiresAt) {}

    /**
     * A new set for a provider, which has encryption on from now.
     *
     * @param view how the API shows a provider: what {@code If-Match} speaks of, for it is the provider that changes
     */
    ObjectNode attach(AdminCall call, UUID provider, Function<IdentityProviderRow, ObjectNode> view) {
        transactions.read(() -> changeable(call, provider, view)); // a key is made only for who may have it
        Made made = make();
        return transactions.write(() -> {
            IdentityProviderRow row = changeable(call, provider, view);
            UUID set = UUID.randomUUID();
            store(set, made);
            ObjectNode body = (ObjectNode) row.body().deepCopy();
            body.put(SET_MEMBER, set.toString());
            body.withObject("config").put("enable_encryption", true);
            row.change(row.name(), body, row.secret(), clock.instant());
            ObjectNode after = view(newest(set));
            audit.record(call, "create", KIND, set.toString(), null, after);
            return after;
        });
    }

    /** A new set, for a provider that is made with it. Part of a write. */
    UUID create(AdminCall call) {
        UUID set = UUID.randomUUID();
        store(set, make());
        audit.record(call, "create", KIND, set.toString(), null, view(newest(set)));
        return set;
    }

    private IdentityProviderRow changeable(
            AdminCall call, UUID provider, Function<IdentityProviderRow, ObjectNode> view) {
        IdentityProviderRow row = providers.findById(provider).orElseThrow(ApiProblem::notFound);
        call.requireMatch(view.apply(row));
        if (!row.type().equals("saml")) {
            throw ApiProblem.invalid("/type", "only SAML providers encrypt for a certificate");
        }
        return row;
    }

    /** The newest certificate of each set, the oldest set first. */
    List<ObjectNode> list() {
        return transactions.read(() -> jdbc.sql("""
                        select * from (
                            select distinct on (set_id) *, min(created_at) over (partition by set_id) as begun
                            from saml_certificates order by set_id, created_at desc) as newest
                        order by begun, set_id""").query(SamlCertificates::read).list().stream()
                .map(SamlCertificates::view)
                .toList());
    }

    ObjectNode get(UUID set) {
        return transactions.read(() -> view(newest(set)));
    }

    /** Publishes a new certificate; the present one still decrypts until it ends, so that the provider may take its time. */
    ObjectNode rotate(AdminCall call, UUID set) {
        call.requireMatch(get(set));
        Made made = make();
        return transactions.write(() -> {
            ObjectNode before = view(newest(set));
            call.requireMatch(before);
            store(set, made);
            ObjectNode after = view(newest(set));
            audit.record(call, "rotate", KIND, set.toString(), before, after);
            return after;
        });
    }

    /** Does what is due: a successor in time, and the end of what has ended. Reads only, when nothing is. */
    @Scheduled(initialDelayString = "5m", fixedDelayString = "6h")
    void maintain() {
        try {
            if (!due().isEmpty()) {
                transactions.write(() -> {
                    due().forEach(set -> store(set, make()));
                    return jdbc.sql("delete from saml_certificates where expires_at < ?")
                            .param(utc(clock.instant()))
                            .update();
                });
            }
        } catch (RuntimeException failed) {
            LOG.warn("SAML certificates could not be checked, trying again in six hours: {}", failed.getMessage());
        }
    }

    private List<UUID> due() {
        return jdbc.sql("select set_id from saml_certificates group by set_id having max(expires_at) < ?")
                .param(utc(clock.instant().plus(AHEAD)))
                .query((row, i) -> row.getObject(1, UUID.class))
                .list();
    }

    /** A key that is not stored yet: making one takes a moment in which no other write should wait. */
    private record Made(UUID id, SamlEncryptionKey key, Instant at) {}

    private Made make() {
        UUID id = UUID.randomUUID();
        Instant now = clock.instant();
        return new Made(id, SamlEncryptionKey.generate(id, now), now);
    }

    private void store(UUID set, Made made) {
        SamlEncryptionKey key = made.key();
        jdbc.sql("""
                        insert into saml_certificates (id, set_id, private_key, certificate, created_at, expires_at)
                        values (:id, :set, :key, :certificate, :now, :end)""")
                .param("id", made.id())
                .param("set", set)
                .param("key", wrapper.wrap(SamlEncryptionKey.record(made.id()), key.exposePrivateKeyBytes()))
                .param("certificate", key.certificatePem())
                .param("now", utc(made.at()))
                .param("end", utc(key.expiresAt()))
                .update();
    }

    private Certificate newest(UUID set) {
        return jdbc.sql("select * from saml_certificates where set_id = ? order by created_at desc limit 1")
                .param(set)
                .query(SamlCertificates::read)
                .optional()
                .orElseThrow(ApiProblem::notFound);
    }

    private static Certificate read(ResultSet row, int index) throws SQLException {
        return new Certificate(
                row.getObject("set_id", UUID.class),
                row.getObject("id", UUID.class),
                row.getString("certificate"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("expires_at", OffsetDateTime.class).toInstant());
    }

    private static ObjectNode view(Certificate certificate) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", certificate.set().toString())
                .put(SET_MEMBER, certificate.set().toString())
                .put("certificate_id", certificate.id().toString())
                .put("public_cert", certificate.pem());
        view.set("created_at", ApiTimes.node(certificate.createdAt()));
        view.set("expires_at", ApiTimes.node(certificate.expiresAt()));
        return view;
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
