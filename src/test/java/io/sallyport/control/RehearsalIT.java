package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.catalog.ConfigVersion;
import io.sallyport.catalog.Rehearsal;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotCompiler.Trial;
import io.sallyport.snapshot.SnapshotLoader;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A plan is under way on one replica, for as long as the test likes, and the other replica goes on. */
class RehearsalIT {
    private static final AdminCall CALL = new AdminCall(
            new AdminTokens.Holder("rehearser", "rehearser", Permissions.full(), null),
            "127.0.0.1",
            "0123456789abcdef",
            Optional.empty());

    private static final AdminCall READER = new AdminCall(
            new AdminTokens.Holder("reader", "reader", new Permissions(AdminRole.AUDITOR, null), null),
            "127.0.0.1",
            "0123456789abcdef",
            Optional.empty());

    private static TestPostgres postgres;
    private static TestServer planning;
    private static AdminClient other;
    private static TestServer writing;

    @BeforeAll
    static void start() {
        planning = TestServer.start(Map.of());
        writing = planning.beside(Map.of());
        postgres = planning.database();
        other = writing.admin();
    }

    @AfterAll
    static void stop() {
        writing.close();
        planning.close();
    }

    private static Fields application(String name) {
        return Fields.of(Api.json("""
                {"type": "self_hosted", "name": "%1$s", "domain": "%1$s.example.com", "policies": [
                  {"name": "Staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}]}""".formatted(name)));
    }

    private static <T> T bean(Class<T> type) {
        return planning.context().getBean(type);
    }

    @Test
    void whileAPlanIsWorkedOutEveryWriteOfAnotherReplicaGoesThrough() {
        String kept = other.post("/access/apps", application("kept").json().toString())
                .get("id")
                .asString();

        Trial planned = bean(Transactions.class).rehearse(CALL, () -> {
            bean(ApplicationChanges.class).create(CALL, application("rival"));
            bean(ApplicationChanges.class).delete(CALL, kept);

            other.put("/access/apps/" + kept, application("kept").json().toString());
            other.post("/access/apps", application("rival").json().toString());
            other.post("/access/tags", """
                    {"name": "meanwhile"}""");
            other.delete("/access/apps/" + kept);
        });

        assertThat(planned.applicationsById().values().stream().map(Application::name))
                .contains("rival");
        List<String> names = other.get("/access/apps")
                .valueStream()
                .map(each -> each.get("name").asString())
                .toList();
        assertThat(names).containsExactly("rival");
    }

    @Test
    void aPlanThatWouldWriteOutsideItsStageIsAnErrorAndWritesNothing() {
        JdbcClient jdbc = bean(JdbcClient.class);

        assertThatThrownBy(() -> bean(Transactions.class)
                        .rehearse(CALL, () -> jdbc.sql("""
                        insert into consumed_nonces (id, expires_at) values ('stray', now())""").update()))
                .hasMessageContaining("consumed_nonces");

        assertThat(postgres.jdbc()
                        .sql("select count(*) from consumed_nonces where id = 'stray'")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void do04AReadersRehearsalThatIsGivenUpLeavesThePlaceToWhoeverWaits() throws Exception {
        Transactions transactions = new Transactions(
                bean(PlatformTransactionManager.class),
                bean(ConfigVersion.class),
                bean(Rehearsal.class),
                bean(EntityManager.class),
                bean(SnapshotLoader.class),
                bean(SnapshotCompiler.class),
                new PlanningPlace(
                        new PlanningPlace.Times(Duration.ofMinutes(1), Duration.ZERO, Duration.ofMinutes(1))));
        List<CompletableFuture<Trial>> waiting = new ArrayList<>();

        assertThatThrownBy(() -> transactions.rehearse(READER, () -> {
                    transactions.requireTimeLeft();
                    waiting.add(CompletableFuture.supplyAsync(() -> transactions.rehearse(CALL, () -> {})));
                    await().pollInSameThread()
                            .untilAsserted(() -> assertThatThrownBy(transactions::requireTimeLeft)
                                    .isInstanceOf(ApiProblem.class));
                    transactions.requireTimeLeft();
                }))
                .hasMessageContaining("Others wait for their plans");

        assertThat(waiting.getFirst().get(1, TimeUnit.MINUTES).problems()).isEmpty();
    }

    @Test
    void ad07aWriterThatWaitsTooLongForAnotherIsToldSoAndNothingIsWritten() {
        new TransactionTemplate(bean(PlatformTransactionManager.class)).executeWithoutResult(held -> {
            bean(ConfigVersion.class).bump();

            AdminClient.Answer refused = other.call("POST", "/access/tags", """
                    {"name": "too-late"}""");

            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.envelope().at("/errors/0/message").asString())
                    .contains("another change is being made")
                    .contains("nothing was changed");
            held.setRollbackOnly();
        });

        assertThat(other.get("/access/tags").toString()).doesNotContain("too-late");
    }
}
