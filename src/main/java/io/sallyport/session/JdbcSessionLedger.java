package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The ledger in PostgreSQL. A revocation and its changes to other tables are one transaction; a trigger notifies every
 * replica when it commits.
 */
final class JdbcSessionLedger implements SessionLedger {
    /** How long logins are refused after an admin ended a person's sessions, so that the person notices. */
    private static final Duration REFUSED_AFTER_REVOCATION = Duration.ofMinutes(1);

    /**
     * How long a revocation may take to become visible after its timestamp: its transaction waits for locks and for the
     * configuration to be compiled, and the clock of the replica that signs tokens may be ahead. No session begins this
     * soon after {@link #revokeUser}, so every token dated within this time belongs to a session that was ended.
     */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(30);

    /** How long a revocation is kept: as long as a token that it concerns could be valid. */
    private static final Duration REVOCATION_KEPT = TokenLife.LONGEST.plusDays(1);

    /** Condition: a directory has disabled the person with this address. */
    private static final String DISABLED = """
            select 1 from scim_users s join identity_providers p on p.id = s.idp_id
             where :email = any(s.emails) and not s.active
               and p.body #> '{scim_config,enabled}' = 'true'
               and p.body #> '{scim_config,user_deprovision}' = 'true'""";

    /**
     * How long a new session's identity is cached. A browser takes less time from the team domain to the application,
     * and a change of groups takes as long to become visible anyway (CS-07).
     */
    private static final Duration RECENT = Duration.ofSeconds(5);

    private static final long MOST_GROUPS_KEPT = 200_000;

    /** Identities of sessions that began here just now; the weight is the number of groups. */
    private final Cache<IdentityNonce, Identity> begun = Caffeine.newBuilder()
            .maximumWeight(MOST_GROUPS_KEPT)
            .weigher((IdentityNonce nonce, Identity identity) ->
                    8 + identity.groups().size())
            .expireAfterWrite(RECENT)
            .build();

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final InstantSource clock;

    JdbcSessionLedger(JdbcClient jdbc, TransactionOperations transactions, InstantSource clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** Usually the person is known and unchanged, and nothing is written. */
    @Override
    public Optional<UserId> person(Email email, @Nullable String name, Instant now) {
        return jdbc.sql("""
                        select id from users
                         where email = :email and (cast(:name as text) is null or name = :name)
                           and (sessions_not_before is null or sessions_not_before <= :refused)
                           and not exists (""" + DISABLED + ")")
                .param("email", email.value())
                .param("name", name)
                .param("refused", at(refusedSince(now)))
                .query((row, i) -> new UserId(row.getObject("id", UUID.class)))
                .optional()
                .or(() -> remember(email, name, now));
    }

    /** Logins are refused when the person's revocation is later than this. */
    private static Instant refusedSince(Instant now) {
        return now.minus(REFUSED_AFTER_REVOCATION).plus(ON_ITS_WAY);
    }

    private Optional<UserId> remember(Email email, @Nullable String name, Instant now) {
        return jdbc.sql("""
                        insert into users (id, email, name, created_at, updated_at)
                        select :id, :email, :name, :now, :now
                         where not exists (""" + DISABLED + """
                        )
                        on conflict (email) do update
                           set name = coalesce(excluded.name, users.name),
                               updated_at = case when excluded.name is distinct from users.name
                                                      and excluded.name is not null
                                                 then excluded.updated_at else users.updated_at end
                         where users.sessions_not_before is null or users.sessions_not_before <= :refused
                        returning id""")
                .param("id", UUID.randomUUID())
                .param("email", email.value())
                .param("name", name)
                .param("now", at(now))
                .param("refused", at(refusedSince(now)))
                .query((row, i) -> new UserId(row.getObject("id", UUID.class)))
                .optional();
    }

    @Override
    public boolean isDisabled(Email email) {
        return jdbc.sql("select exists (" + DISABLED + ")")
                .param("email", email.value())
                .query(Boolean.class)
                .single();
    }

    /**
     * One statement, because every login waits for it. App passes are decided by the newest login through their
     * provider, so they are updated too, and replicas rebuild their snapshot if that changed one.
     */
    @Override
    public boolean begin(
            Identity identity, Instant expiresAt, @Nullable String device, @Nullable ProviderSession there) {
        boolean hasBegun = jdbc.sql("""
                        with begun as (
                          insert into sessions (nonce, user_id, identity, idp_id, created_at, expires_at, device)
                          select :nonce, :user, :identity::jsonb, :idp, :created, :expires, :device
                           where not exists (select from consumed_nonces where id = :ended)
                          returning 1),
                        there as (
                          insert into provider_sessions (nonce, idp_id, subject, sid)
                          select :nonce, :idp, :subject, :sid from begun where cast(:subject as text) is not null),
                        person as (
                          update users set last_successful_login = :created from begun where id = :user),
                        passes as (
                          update sessions s set identity = jsonb_set(:identity::jsonb, '{nonce}', to_jsonb(s.nonce))
                            from app_passes p, begun
                           where p.nonce = s.nonce and s.user_id = :user and s.idp_id = :idp and s.revoked_at is null
                             and s.identity - '{nonce,authenticated_at,ip,country}'::text[]
                                 is distinct from :identity::jsonb - '{nonce,authenticated_at,ip,country}'::text[]
                          returning 1),
                        next as (
                          update config_version set version = version + 1 where exists (select from passes)
                          returning version)
                        select exists (select from begun), (select pg_notify('sallyport_config', version::text)::text from next)""")
                .param("nonce", identity.nonce().value())
                .param("user", identity.user().value())
                .param("identity", StoredIdentityJson.write(identity))
                .param("idp", identity.idp().id().value())
                .param("created", at(identity.authenticatedAt()))
                .param("expires", at(expiresAt))
                .param("device", device)
                .param("subject", there == null ? null : there.subject())
                .param("sid", there == null ? null : there.session())
                .param("ended", endedUnder(identity.idp().id(), there))
                .query((row, number) -> row.getBoolean(1))
                .single();
        if (hasBegun) {
            begun.put(identity.nonce(), identity);
        }
        return hasBegun;
    }

    private static @Nullable String endedUnder(IdpId provider, @Nullable ProviderSession there) {
        return there == null || there.session() == null ? null : ProviderSession.endedUnder(provider, there.session());
    }

    @Override
    public Optional<Identity> recent(IdentityNonce nonce, Instant now) {
        Identity known = begun.getIfPresent(nonce);
        return known == null ? find(nonce, now) : Optional.of(known);
    }

    @Override
    public Optional<Identity> find(IdentityNonce nonce, Instant now) {
        return jdbc.sql("""
                        select identity, email, name from open_sessions where nonce = :nonce and expires_at > :now""")
                .param("nonce", nonce.value())
                .param("now", at(now))
                .query(JdbcSessionLedger::present)
                .optional();
    }

    /** The identity as the login established it, with the person's current e-mail and name. */
    private static Identity present(ResultSet row, int index) throws SQLException {
        Identity stored = StoredIdentityJson.read(row.getString("identity"));
        return stored.as(stored.nonce(), new Email(row.getString("email")), row.getString("name"));
    }

    @Override
    public void touch(IdentityNonce nonce, AppId application, Instant expiresAt) {
        jdbc.sql("""
                        insert into session_apps (nonce, app_id, expires_at, last_at)
                        values (:nonce, :app, :expires, :now)
                        on conflict (nonce, app_id) do update
                           set expires_at = excluded.expires_at, last_at = excluded.last_at""")
                .param("nonce", nonce.value())
                .param("app", application.value())
                .param("expires", at(expiresAt))
                .param("now", at(clock.instant()))
                .update();
    }

    @Override
    public boolean redeem(String code, Instant codeEnds, IdentityNonce nonce, AppId application, Instant expiresAt) {
        return jdbc.sql("""
                        with live as (
                          select nonce from open_sessions where nonce = :nonce and expires_at > :now
                        ), used as (
                          insert into consumed_nonces (id, expires_at) select :code, :ends from live on conflict do nothing
                          returning 1)
                        insert into session_apps (nonce, app_id, expires_at, last_at)
                        select live.nonce, :app, :expires, :now from used, live
                        on conflict (nonce, app_id) do update
                           set expires_at = excluded.expires_at, last_at = excluded.last_at""")
                        .param("code", code)
                        .param("ends", at(codeEnds))
                        .param("nonce", nonce.value())
                        .param("app", application.value())
                        .param("expires", at(expiresAt))
                        .param("now", at(clock.instant()))
                        .update()
                == 1;
    }

    @Override
    public void revokeSession(IdentityNonce nonce) {
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            jdbc.sql("update sessions set revoked_at = :now where nonce = :nonce and revoked_at is null")
                    .param("now", at(now))
                    .param("nonce", nonce.value())
                    .update();
            // A nonce stays revoked, so repeated logouts add no rows.
            jdbc.sql("""
                            insert into revocations (kind, subject, not_before, expires_at)
                            select 'session', :nonce, :now, :expires
                             where not exists (select 1 from revocations where kind = 'session' and subject = :nonce)""")
                    .param("nonce", nonce.value())
                    .param("now", at(now))
                    .param("expires", at(now.plus(REVOCATION_KEPT)))
                    .update();
        });
    }

    @Override
    public void revokeUser(UserId user) {
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            Instant until = now.plus(ON_ITS_WAY);
            jdbc.sql("update users set sessions_not_before = :until where id = :user")
                    .param("until", at(until))
                    .param("user", user.value())
                    .update();
            jdbc.sql("update sessions set revoked_at = :now where user_id = :user and revoked_at is null")
                    .param("now", at(now))
                    .param("user", user.value())
                    .update();
            revoke("user", user.value(), until);
        });
    }

    @Override
    public void refreshUser(UserId user) {
        revoke("user_refresh", user.value(), clock.instant());
    }

    @Override
    public void revokeApplication(AppId application) {
        transactions.executeWithoutResult(status -> {
            Instant now = clock.instant();
            jdbc.sql("delete from session_apps where app_id = :app")
                    .param("app", application.value())
                    .update();
            // Passes can be valid for longer than revocations are kept, so they are deleted.
            jdbc.sql("""
                            update sessions s set revoked_at = :now from app_passes p
                             where p.nonce = s.nonce and p.app_id = :app and s.revoked_at is null""")
                    .param("now", at(now))
                    .param("app", application.value())
                    .update();
            revoke("app", application.value(), now);
        });
    }

    @Override
    public void revokeService(String clientId) {
        revoke("service", clientId, clock.instant());
    }

    /** Includes ended sessions, whose tokens may still be valid. */
    @Override
    public void revokeProvider(IdpId provider) {
        Instant now = clock.instant();
        jdbc.sql("""
                        insert into revocations (kind, subject, not_before, expires_at)
                        select 'session', nonce, :now, :kept from sessions
                         where idp_id = :idp and revoked_at is null and expires_at > :longest""")
                .param("now", at(now))
                .param("kept", at(now.plus(REVOCATION_KEPT)))
                .param("idp", provider.value())
                .param("longest", at(now.minus(TokenLife.LONGEST)))
                .update();
    }

    private void revoke(String kind, Object subject, Instant notBefore) {
        jdbc.sql("""
                        insert into revocations (kind, subject, not_before, expires_at)
                        values (:kind, :subject, :now, :expires)""")
                .param("kind", kind)
                .param("subject", subject.toString())
                .param("now", at(notBefore))
                .param("expires", at(notBefore.plus(REVOCATION_KEPT)))
                .update();
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
