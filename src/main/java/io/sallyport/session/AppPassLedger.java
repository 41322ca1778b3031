package io.sallyport.session;

import io.sallyport.audit.AuditTrail;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.token.Sha256;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.databind.node.JsonNodeFactory;

/** Makes, lists and ends a person's app passes, each change with its audit record and a new configuration version. Blocking. */
public class AppPassLedger {
    private static final int MOST_PER_PERSON = 50;
    private static final String KIND = "app_pass";

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final SessionLedger ledger;
    private final AuditTrail audit;

    AppPassLedger(JdbcClient jdbc, TransactionOperations transactions, SessionLedger ledger, AuditTrail audit) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.ledger = ledger;
        this.audit = audit;
    }

    /**
     * A pass as its owner sees it.
     *
     * @param lastUsedAt up to half a minute late; null when it was never used
     */
    public record Owned(
            UUID id,
            AppId application,
            String name,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant lastUsedAt) {}

    /** A new pass; the secret is shown once and kept as a hash only. */
    public record Made(String secret, Instant expiresAt) {
        @Override
        public String toString() {
            return "Made[…]";
        }
    }

    /** Makes one; empty when the person has the maximum number already. */
    public Optional<Made> make(
            Identity person, Application application, String name, Duration life, AuditTrail.Actor actor, Instant now) {
        String secret = AppPasses.PREFIX + SessionCookie.randomValue();
        Instant ends = now.plus(life);
        UUID id = UUID.randomUUID();
        IdentityNonce nonce = new IdentityNonce(SessionCookie.randomValue());
        Boolean made = transactions.execute(status -> {
            bump(); // first, because it takes a lock: concurrent calls are serialised, so the count below is right
            if (of(person.user(), now).size() >= MOST_PER_PERSON) {
                status.setRollbackOnly();
                return false;
            }
            jdbc.sql("""
                            insert into sessions (nonce, user_id, identity, idp_id, created_at, expires_at)
                            values (:nonce, :user, :identity::jsonb, :idp, :now, :ends)""")
                    .param("nonce", nonce.value())
                    .param("user", person.user().value())
                    .param("identity", StoredIdentityJson.write(person.as(nonce, person.email(), person.name())))
                    .param("idp", person.idp().id().value())
                    .param("now", now.atOffset(ZoneOffset.UTC))
                    .param("ends", ends.atOffset(ZoneOffset.UTC))
                    .update();
            jdbc.sql("insert into app_passes (id, nonce, app_id, name, secret_hash) values (?, ?, ?, ?, ?)")
                    .params(id, nonce.value(), application.id().value(), name, Sha256.of(secret))
                    .update();
            var after = JsonNodeFactory.instance
                    .objectNode()
                    .put("app_id", application.id().toString())
                    .put("user_id", person.user().toString())
                    .put("name", name)
                    .put("expires_at", ends.toString());
            audit.record(actor, new AuditTrail.Change("create", KIND, id.toString(), null, after));
            return true;
        });
        return Boolean.TRUE.equals(made) ? Optional.of(new Made(secret, ends)) : Optional.empty();
    }

    /** The person's valid passes, newest first. */
    public List<Owned> of(UserId user, Instant now) {
        return jdbc.sql("""
                        select p.id, p.app_id, p.name, s.created_at, s.expires_at, p.last_used_at
                          from app_passes p join open_sessions s on s.nonce = p.nonce
                         where s.user_id = :user and s.expires_at > :now
                         order by s.created_at desc""")
                .param("user", user.value())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Owned(
                        row.getObject("id", UUID.class),
                        new AppId(row.getObject("app_id", UUID.class)),
                        row.getString("name"),
                        row.getTimestamp("created_at").toInstant(),
                        row.getTimestamp("expires_at").toInstant(),
                        lastUsed(row)))
                .list();
    }

    private static @Nullable Instant lastUsed(ResultSet row) throws SQLException {
        Timestamp at = row.getTimestamp("last_used_at");
        return at == null ? null : at.toInstant();
    }

    /** Ends one of the person's own; false when there is no such pass of theirs. */
    public boolean revoke(UserId user, UUID id, AuditTrail.Actor actor) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            Optional<String> nonce = jdbc.sql("""
                            select p.nonce from app_passes p join open_sessions s on s.nonce = p.nonce
                             where p.id = :id and s.user_id = :user""")
                    .param("id", id)
                    .param("user", user.value())
                    .query(String.class)
                    .optional();
            nonce.ifPresent(value -> {
                bump();
                ledger.revokeSession(new IdentityNonce(value));
                audit.record(actor, new AuditTrail.Change("revoke", KIND, id.toString(), null, null));
            });
            return nonce.isPresent();
        }));
    }

    /**
     * Raises the configuration version like {@code catalog.ConfigVersion}: replicas rebuild their snapshot when this
     * commits.
     */
    private void bump() {
        jdbc.sql("""
                        with next as (update config_version set version = version + 1 returning version)
                        select pg_notify('sallyport_config', version::text) from next""").query((row, number) -> "").single();
    }
}
