package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.sallyport.catalog.PostgresServer;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.scheduling.config.ScheduledTaskHolder;
import tools.jackson.databind.JsonNode;

/** What the admin API says while PostgreSQL is stopped, or frozen, or only busy. */
class DatabaseAwayIT {
    /** The figure is two seconds and is printed; a busy machine gets more before this fails. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String UNTOUCHED = "The database does not answer; nothing was changed";
    private static final String UNKNOWN = "The database does not answer any more; look whether the change was made";

    @TempDir
    private static Path directory;

    private static PostgresServer database;
    private static TestServer server;
    private static AdminClient admin;
    private static int number;

    @BeforeAll
    static void start() {
        database = TestPostgres.startServer(directory);
        database.createDatabase("sallyport", null);
        server = TestServer.start(Map.of(
                "spring.datasource.url",
                database.jdbcUrl("sallyport"),
                "spring.datasource.username",
                database.user(),
                "spring.datasource.password",
                database.password()));
        admin = server.admin();
        assertThat(write().status()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void r10AWriteIsRefusedInTimeWhileTheServerIsStopped() {
        database.pause();
        try {
            for (int i = 0; i < 3; i++) {
                assertRefused("stopped", write(), UNTOUCHED);
            }
        } finally {
            database.resume();
        }
        awaitWrites();
    }

    /** Raised by triggers, as PostgreSQL raises it; the second is met when the tag is stored already. */
    @Test
    void r14AFullDiskIsSaidAndLeavesNothingHalfWritten() throws Exception {
        try (Connection sql = connect();
                Statement statement = sql.createStatement()) {
            statement.execute("""
                    create function full_disk() returns trigger language plpgsql as $$
                    begin
                      raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '53100';
                    end $$""");
            for (String table : List.of("tags", "audit_log")) {
                statement.execute(
                        "create trigger full_disk before insert on " + table + " execute function full_disk()");
                JsonNode before = admin.get("/access/tags?per_page=1000");

                assertRefused(table, write(), "The database has no room left on its disk; nothing was changed");

                assertThat(admin.get("/access/tags?per_page=1000")).isEqualTo(before);
                statement.execute("drop trigger full_disk on " + table);
            }
            statement.execute("drop function full_disk()");
        }
        assertThat(write().status()).isEqualTo(200);
    }

    @Test
    void whatRunsByTheClockTakesAStoppedServerForNoErrorOfItsOwn() throws Exception {
        List<Runnable> tasks = server.context().getBeansOfType(ScheduledTaskHolder.class).values().stream()
                .flatMap(holder -> holder.getScheduledTasks().stream())
                .map(task -> task.getTask().getRunnable())
                .toList();
        assertThat(tasks).hasSizeGreaterThan(8);
        database.pause();
        try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Runnable task : tasks) {
                running.add(all.submit(task));
            }
            for (int i = 0; i < tasks.size(); i++) {
                Future<?> each = running.get(i);
                assertThatCode(() -> each.get(60, TimeUnit.SECONDS))
                        .as(tasks.get(i).toString())
                        .doesNotThrowAnyException();
            }
        } finally {
            database.resume();
        }
        awaitWrites();
    }

    @Test
    void r11AWriteIsRefusedInTimeWhileTheServerIsFrozen() throws Exception {
        List<ProcessHandle> frozen = freeze();
        try {
            for (int i = 0; i < 3; i++) {
                assertRefused("frozen", write(), UNTOUCHED);
            }
        } finally {
            thaw(frozen);
        }
        awaitWrites();
    }

    @Test
    void r11AWriteThatIsUnderWayWhenTheServerFreezesSaysThatItMayBeDone() throws Exception {
        try (Connection other = connect()) {
            holdTheVersion(other);
            CompletableFuture<Timed> waiting = CompletableFuture.supplyAsync(DatabaseAwayIT::write);
            await().until(DatabaseAwayIT::someoneWaitsForTheVersion);
            long began = System.nanoTime();
            List<ProcessHandle> frozen = freeze();
            try {
                Timed answer = waiting.get(20, TimeUnit.SECONDS);
                assertRefused("frozen in a write", answer.since(began), UNKNOWN);
            } finally {
                thaw(frozen);
            }
            other.rollback();
        }
        awaitWrites();
    }

    @Test
    void aWriteThatWaitsForAnotherIsNotTakenForOneWithoutADatabase() throws Exception {
        try (Connection other = connect()) {
            holdTheVersion(other);
            CompletableFuture<Timed> waiting = CompletableFuture.supplyAsync(DatabaseAwayIT::write);
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(8)).until(() -> !waiting.isDone());
            other.rollback();
            assertThat(waiting.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
        }
    }

    private record Timed(AdminClient.Answer answer, long nanos, long endedAt) {
        int status() {
            return answer.status();
        }

        Timed since(long began) {
            return new Timed(answer, endedAt - began, endedAt);
        }
    }

    private static synchronized String nextTag() {
        return "{\"name\": \"tag-" + number++ + "\"}";
    }

    private static Timed write() {
        String body = nextTag();
        long began = System.nanoTime();
        AdminClient.Answer answer = admin.call("POST", "/access/tags", body);
        long ended = System.nanoTime();
        return new Timed(answer, ended - began, ended);
    }

    private static void assertRefused(String how, Timed write, String message) {
        assertThat(write.status()).isEqualTo(503);
        assertThat(write.answer().envelope().at("/errors/0/message").asString()).startsWith(message);
        assertThat(Duration.ofNanos(write.nanos())).as(how).isLessThan(PATIENCE);
    }

    private static void awaitWrites() {
        await().atMost(Duration.ofSeconds(30)).until(() -> write().status() == 200);
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl("sallyport"), database.user(), database.password());
    }

    private static void holdTheVersion(Connection other) throws SQLException {
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            assertThat(statement
                            .executeQuery("select version from config_version for update")
                            .next())
                    .isTrue();
        }
    }

    private static boolean someoneWaitsForTheVersion() throws SQLException {
        try (Connection mine = connect();
                Statement statement = mine.createStatement()) {
            return statement
                    .executeQuery("select 1 from pg_stat_activity where wait_event_type = 'Lock'"
                            + " and query like 'update config_version%'")
                    .next();
        }
    }

    /** The server first, so that it starts nobody while the others are stopped. */
    private static List<ProcessHandle> freeze() throws IOException, InterruptedException {
        long pid = Long.parseLong(
                Files.readAllLines(directory.resolve("data/postmaster.pid")).getFirst());
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        signal("-STOP", postmaster);
        List<ProcessHandle> all = new ArrayList<>(postmaster.children().toList());
        for (ProcessHandle child : all) {
            signal("-STOP", child);
        }
        all.addFirst(postmaster);
        return all;
    }

    private static void thaw(List<ProcessHandle> frozen) throws IOException, InterruptedException {
        for (ProcessHandle each : frozen.reversed()) {
            signal("-CONT", each);
        }
    }

    private static void signal(String signal, ProcessHandle to) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(to.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
