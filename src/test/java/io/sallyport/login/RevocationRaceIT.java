package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.FakeIdp.Misbehaviour;
import io.sallyport.testkit.Visitor;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody who expects to be locked out has a script ask for tokens all the time. */
class RevocationRaceIT {
    private static final String RACER = "racer@example.com";

    private final LoginServer world = LoginServer.shared();
    private final Visitor racer = new Visitor();

    @BeforeEach
    void signIn() {
        world.idp.misbehave(new Misbehaviour().claim("sub", "racer").claim("email", RACER));
        assertThat(racer.open(world.url(LoginServer.INSTANT, "/")).status()).isEqualTo(200);
    }

    @AfterEach
    void behave() {
        world.idp.behave();
    }

    /** The moment a revocation is dated lies before the moment anybody can see it, by as long as the change takes to be written. */
    @Test
    void cs08ATokenSignedWhileTheRevocationIsBeingWrittenDoesNotOutliveIt() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection slow = world.server.database().dataSource().getConnection();
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            statement.execute("select from users where email = '" + RACER + "' for update");
            Future<?> revoking = threads.submit(
                    () -> world.admin.post("/access/organizations/revoke_user", "{\"email\":\"" + RACER + "\"}"));
            await("the revocation to be dated and not yet written")
                    .atMost(Duration.ofSeconds(30))
                    .until(this::isWaiting);

            assertThat(racer.open(world.url(LoginServer.WIKI, "/meanwhile")).status())
                    .as("nobody knows of the revocation yet")
                    .isEqualTo(200);

            slow.rollback();
            revoking.get();
        }
        await("the revocation to arrive")
                .atMost(Duration.ofSeconds(30))
                .until(() -> racer.get(world.url(LoginServer.INSTANT, "/")).status() == 302);
        assertThat(racer.get(world.url(LoginServer.WIKI, "/afterwards")).status())
                .isEqualTo(302);
    }

    private boolean isWaiting() {
        return world.server
                .database()
                .jdbc()
                .sql("select exists (select from pg_stat_activity where datname = current_database()"
                        + " and wait_event_type = 'Lock' and query like 'update users set sessions_not_before%')")
                .query(Boolean.class)
                .single();
    }
}
