package io.sallyport.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** The embedded PostgreSQL of a process that is told to stop while it starts. */
class EmbeddedDatabaseIT {
    @TempDir
    Path data;

    /** Spring closes nothing then: the start waits for the server. */
    @Test
    void theServerIsStoppedAlsoWhenTheStartWaitsForIt() throws Exception {
        EmbeddedDatabase database = starting();
        CompletableFuture<PostgresServer> start = CompletableFuture.supplyAsync(database::handOver);
        ProcessHandle server = process(start);

        database.close();

        assertThat(server.isAlive()).isFalse();
    }

    @Test
    void aServerThatTheApplicationHasStoppedIsLeftAlone() throws Exception {
        EmbeddedDatabase database = starting();
        PostgresServer taken = database.handOver();
        taken.close();

        database.close();

        assertThat(data.resolve("postgres/data/postmaster.pid")).doesNotExist();
        try (PostgresServer next = PostgresServer.start(data.resolve("postgres"), Map.of())) {
            assertThat(next.jdbcUrl("postgres")).isNotEmpty();
        }
    }

    private EmbeddedDatabase starting() {
        EmbeddedDatabase database = new EmbeddedDatabase();
        GenericApplicationContext context = new GenericApplicationContext();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("test", Map.of("sallyport.data-dir", data.toString())));
        database.initialize(context);
        return database;
    }

    private ProcessHandle process(CompletableFuture<PostgresServer> start) throws Exception {
        start.join();
        String pid =
                Files.readAllLines(data.resolve("postgres/data/postmaster.pid")).getFirst();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }
}
