package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.AppId;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import io.sallyport.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class JdbcSessionLedgerIT {
    private static TestPostgres postgres;
    private static JdbcClient jdbc;
    private final AtomicReference<Instant> now = new AtomicReference<>(World.NOW);
    private final JdbcSessionLedger ledger = new JdbcSessionLedger(
            jdbc, new TransactionTemplate(new JdbcTransactionManager(postgres.dataSource())), now::get);

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
        jdbc = postgres.jdbc();
        provider(World.KEYCLOAK);
    }

    private static void provider(IdpId id) {
        jdbc.sql("""
                        insert into identity_providers (id, name, type, body, created_at, updated_at)
                        values (:id, 'Keycloak', 'oidc', '{}', now(), now())""").param("id", id.value()).update();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void personWhenNewThenMadeOnceAndKnownByTheAddress() {
        Email email = new Email("new@example.com");

        UserId made = ledger.person(email, "New", World.NOW).orElseThrow();

        assertThat(ledger.person(email, null, World.NOW.plusSeconds(5))).contains(made);
        assertThat(name(made))
                .as("a provider without a name does not take it away")
                .isEqualTo("New");
        assertThat(ledger.person(email, "Newer", World.NOW.plusSeconds(5))).contains(made);
        assertThat(name(made)).isEqualTo("Newer");
        jdbc.sql("delete from users where id = :id").param("id", made.value()).update();
        assertThat(ledger.person(email, null, World.NOW))
                .as("a person who was removed and comes back is another")
                .isPresent()
                .get()
                .isNotEqualTo(made);
    }

    @Test
    void findWhenBegunThenTheIdentityWithThePersonsPresentAddressAndName() {
        Identity ada = begin("find@example.com");

        assertThat(ledger.find(ada.nonce(), World.NOW)).contains(ada);
        jdbc.sql("update users set email = 'married@example.com', name = 'Ada King' where id = :id")
                .param("id", ada.user().value())
                .update();
        assertThat(ledger.find(ada.nonce(), World.NOW)).hasValueSatisfying(found -> {
            assertThat(found.email()).isEqualTo(new Email("married@example.com"));
            assertThat(found.name()).isEqualTo("Ada King");
            assertThat(found.groups()).isEqualTo(ada.groups());
        });
        assertThat(ledger.find(ada.nonce(), World.NOW.plus(Duration.ofHours(24))))
                .isEmpty();
        assertThat(ledger.find(new IdentityNonce("unknown"), World.NOW)).isEmpty();
        assertThat(jdbc.sql("select last_successful_login from users where id = :id")
                        .param("id", ada.user().value())
                        .query(OffsetDateTime.class)
                        .single()
                        .toInstant())
                .isEqualTo(World.NOW);
    }

    @Test
    @DisplayName("CS-07 logging out ends the stored session and tells every replica, once")
    void revokeSessionWhenAskedTwiceThenOneRevocationAndOneNotice() throws Exception {
        Identity ada = begin("logout@example.com");
        try (Connection connection = postgres.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("listen sallyport_revocation");

            ledger.revokeSession(ada.nonce());
            ledger.revokeSession(ada.nonce());

            PGNotification[] notices = connection.unwrap(PGConnection.class).getNotifications(5_000);
            assertThat(notices).isNotEmpty();
            statement.execute("unlisten *");
        }
        assertThat(ledger.find(ada.nonce(), World.NOW)).isEmpty();
        assertThat(revocations("session", ada.nonce().value())).isEqualTo(1);
    }

    @Test
    @DisplayName("CS-07 ending a person's sessions refuses logins for a minute, and no longer")
    void revokeUserWhenAskedThenSessionsEndAndLoginsWait() {
        Email email = new Email("revoked@example.com");
        Identity ada = begin(email.value());
        now.set(World.NOW.plusSeconds(10));

        ledger.revokeUser(ada.user());

        assertThat(ledger.find(ada.nonce(), now.get())).isEmpty();
        assertThat(revocations("user", ada.user().toString())).isEqualTo(1);
        assertThat(ledger.person(email, null, now.get().plusSeconds(59))).isEmpty();
        assertThat(ledger.person(email, null, now.get().plusSeconds(60))).contains(ada.user());
        Identity again = World.ada(new IdentityNonce("again-" + UUID.randomUUID()), ada.user());
        ledger.begin(later(again, now.get().plusSeconds(61)), now.get().plus(Duration.ofHours(1)));
        assertThat(ledger.find(again.nonce(), now.get().plusSeconds(62))).isPresent();
    }

    @Test
    @DisplayName(
            "CS-08 what is got while a revocation is on its way is dated before its end, also by a clock that is ahead")
    void revokeUserWhenAskedThenItCoversWhatIsSignedBeforeAnybodyCanKnow() {
        Identity ada = begin("racing@example.com");

        ledger.revokeUser(ada.user());

        assertThat(jdbc.sql("select not_before from revocations where kind = 'user' and subject = ?")
                        .param(ada.user().toString())
                        .query(OffsetDateTime.class)
                        .single()
                        .toInstant())
                .isEqualTo(World.NOW.plusSeconds(30));
        Identity late =
                later(World.ada(new IdentityNonce("late-" + UUID.randomUUID()), ada.user()), World.NOW.plusSeconds(29));
        ledger.begin(late, World.NOW.plus(Duration.ofHours(1)));
        assertThat(ledger.find(late.nonce(), World.NOW.plusSeconds(30)))
                .as("a login that was let through before")
                .isEmpty();
    }

    @Test
    @DisplayName("CS-10 with a provider go the sessions that began there, and the tokens got with them")
    void revokeProviderWhenItIsRemovedThenItsSessionsEnd() {
        IdpId leaving = new IdpId(UUID.randomUUID());
        provider(leaving);
        Identity ada = identity("leaving@example.com");
        Identity eve = new Identity(
                ada.user(),
                ada.email(),
                ada.name(),
                new IdpRef(leaving, "oidc"),
                ada.groups(),
                ada.amr(),
                ada.claims(),
                ada.country(),
                ada.ip(),
                ada.authenticatedAt(),
                ada.nonce());
        Identity over = begin(eve, "over-", World.NOW.minus(Duration.ofDays(30)));
        Identity forgotten = begin(eve, "forgotten-", World.NOW.minus(Duration.ofDays(32)));
        Identity live = begin(eve, "live-", World.NOW.plus(Duration.ofHours(1)));
        Identity staying = begin("staying@example.com");
        assertThat(ledger.find(live.nonce(), World.NOW)).isPresent();

        ledger.revokeProvider(leaving);
        jdbc.sql("delete from identity_providers where id = ?")
                .param(leaving.value())
                .update();

        assertThat(ledger.find(live.nonce(), World.NOW)).isEmpty();
        assertThat(ledger.redeem(
                        "code-" + UUID.randomUUID(),
                        World.NOW.plusSeconds(60),
                        live.nonce(),
                        application(),
                        World.NOW.plusSeconds(60)))
                .isFalse();
        assertThat(revocations("session", live.nonce().value())).isEqualTo(1);
        assertThat(revocations("session", over.nonce().value()))
                .as("its tokens may live for a month")
                .isEqualTo(1);
        assertThat(revocations("session", forgotten.nonce().value())).isZero();
        assertThat(revocations("session", staying.nonce().value())).isZero();
        assertThat(ledger.find(staying.nonce(), World.NOW)).isPresent();
    }

    private Identity begin(Identity like, String stem, Instant ends) {
        Identity stored = like.as(new IdentityNonce(stem + UUID.randomUUID()), like.email(), like.name());
        ledger.begin(stored, ends);
        return stored;
    }

    @Test
    @DisplayName("CS-07 ending an application's sessions leaves the persons' own sessions alone")
    void revokeApplicationWhenAskedThenItsUsesEnd() {
        Identity ada = begin("app@example.com");
        AppId app = application();
        ledger.touch(ada.nonce(), app, World.NOW.plusSeconds(60));
        ledger.touch(ada.nonce(), app, World.NOW.plusSeconds(120));
        assertThat(count("session_apps", app)).isEqualTo(1);

        ledger.revokeApplication(app);

        assertThat(count("session_apps", app)).isZero();
        assertThat(revocations("app", app.toString())).isEqualTo(1);
        assertThat(ledger.find(ada.nonce(), World.NOW)).isPresent();
    }

    @Test
    @DisplayName("OI-01 a code gives one token in the whole cluster, also when everybody comes at once with it")
    void redeemWhenManyComeAtOnceThenOneIsFirst() throws Exception {
        Identity ada = begin("code@example.com");
        AppId app = application();
        Instant ends = World.NOW.plusSeconds(60);
        String code = "code-" + UUID.randomUUID();
        List<Future<Boolean>> outcomes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                outcomes.add(threads.submit(() -> ledger.redeem(code, ends, ada.nonce(), app, ends)));
            }
        }
        int first = 0;
        for (Future<Boolean> outcome : outcomes) {
            first += outcome.get() ? 1 : 0;
        }

        assertThat(first).isEqualTo(1);
        assertThat(count("session_apps", app)).isEqualTo(1);
        assertThat(ledger.redeem("another-" + code, ends, ada.nonce(), app, ends.plusSeconds(1)))
                .as("the session may come with a further code")
                .isTrue();
        assertThat(count("session_apps", app)).isEqualTo(1);
    }

    @Test
    @DisplayName("OI-01 a code whose session is gone is neither noted nor spent")
    void redeemWhenTheSessionIsGoneThenNothingIsWritten() {
        AppId app = application();
        String code = "code-" + UUID.randomUUID();

        assertThat(ledger.redeem(
                        code, World.NOW.plusSeconds(60), new IdentityNonce("gone"), app, World.NOW.plusSeconds(60)))
                .isFalse();

        assertThat(jdbc.sql("select count(*) from consumed_nonces where id = ?")
                        .param(code)
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    @DisplayName("CS-07 a session that ended a moment ago gets no token for its code, although it began here")
    void redeemWhenTheSessionWasRevokedInBetweenThenNothingIsWritten() {
        Identity ada = begin("ended@example.com");
        AppId app = application();
        assertThat(ledger.recent(ada.nonce(), World.NOW)).contains(ada);

        ledger.revokeSession(ada.nonce());

        assertThat(ledger.redeem(
                        "code-" + UUID.randomUUID(),
                        World.NOW.plusSeconds(60),
                        ada.nonce(),
                        app,
                        World.NOW.plusSeconds(60)))
                .isFalse();
        Identity bob = begin("ended-too@example.com");
        ledger.revokeUser(bob.user());
        assertThat(ledger.redeem(
                        "code-" + UUID.randomUUID(),
                        World.NOW.plusSeconds(60),
                        bob.nonce(),
                        app,
                        World.NOW.plusSeconds(60)))
                .isFalse();
        assertThat(count("session_apps", app)).isZero();
    }

    @Test
    @DisplayName("OI-14 the session at the provider is noted with the login or not at all")
    void beginWhenTheProviderNamesItsSessionThenItIsKept() {
        Identity ada = identity("there@example.com");

        ledger.begin(ada, World.NOW.plus(Duration.ofHours(1)), "Firefox on Linux", new ProviderSession("ada", "sid-1"));

        assertThat(there(ada)).containsExactly("ada sid-1");
        Identity without = identity("nowhere@example.com");
        ledger.begin(without, World.NOW.plus(Duration.ofHours(1)), null, null);
        assertThat(there(without)).isEmpty();
        Identity silent = identity("silent@example.com");
        ledger.begin(silent, World.NOW.plus(Duration.ofHours(1)), null, new ProviderSession("silent", null));
        assertThat(there(silent)).containsExactly("silent -");
    }

    private static List<String> there(Identity identity) {
        return jdbc.sql("select subject || ' ' || coalesce(sid, '-') from provider_sessions where nonce = ?")
                .param(identity.nonce().value())
                .query(String.class)
                .list();
    }

    private Identity begin(String email) {
        Identity stored = identity(email);
        ledger.begin(stored, World.NOW.plus(Duration.ofHours(24)));
        return stored;
    }

    private Identity identity(String email) {
        UserId user = ledger.person(new Email(email), "Ada Lovelace", World.NOW).orElseThrow();
        Identity ada = World.ada(new IdentityNonce("nonce-" + UUID.randomUUID()), user);
        return new Identity(
                user,
                new Email(email),
                ada.name(),
                ada.idp(),
                ada.groups(),
                ada.amr(),
                ada.claims(),
                ada.country(),
                ada.ip(),
                ada.authenticatedAt(),
                ada.nonce());
    }

    private static Identity later(Identity identity, Instant at) {
        return new Identity(
                identity.user(),
                identity.email(),
                identity.name(),
                identity.idp(),
                identity.groups(),
                identity.amr(),
                identity.claims(),
                identity.country(),
                identity.ip(),
                at,
                identity.nonce());
    }

    private static AppId application() {
        UUID id = UUID.randomUUID();
        jdbc.sql("""
                        insert into applications (id, aud, type, body, created_at, updated_at)
                        values (:id, :aud, 'self_hosted', '{}', now(), now())""")
                .param("id", id)
                .param("aud", (id.toString().replace("-", "") + id.toString().replace("-", "")))
                .update();
        return new AppId(id);
    }

    private static String name(UserId user) {
        return jdbc.sql("select name from users where id = :id")
                .param("id", user.value())
                .query(String.class)
                .single();
    }

    private static int count(String table, AppId app) {
        return jdbc.sql("select count(*) from " + table + " where app_id = :app")
                .param("app", app.value())
                .query(Integer.class)
                .single();
    }

    private static int revocations(String kind, String subject) {
        return jdbc.sql("select count(*) from revocations where kind = :kind and subject = :subject")
                .param("kind", kind)
                .param("subject", subject)
                .query(Integer.class)
                .single();
    }
}
