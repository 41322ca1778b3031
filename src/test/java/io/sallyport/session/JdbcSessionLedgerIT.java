package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.AppId;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
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
                        .query(java.time.OffsetDateTime.class)
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

    private Identity begin(String email) {
        UserId user = ledger.person(new Email(email), "Ada Lovelace", World.NOW).orElseThrow();
        Identity ada = World.ada(new IdentityNonce("nonce-" + UUID.randomUUID()), user);
        Identity stored = new Identity(
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
        ledger.begin(stored, World.NOW.plus(Duration.ofHours(24)));
        return stored;
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
