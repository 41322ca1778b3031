package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.TestPostgres;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code sallyport.notify.url}: LISTEN goes there and nowhere else, and without it changes still arrive by polling. */
class NotifyUrlIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestPostgres postgres = TestPostgres.migrated();

    @AfterEach
    void close() {
        postgres.close();
    }

    private Replica replica(String notifyUrl, String poll) {
        Map<String, String> settings = new HashMap<>(postgres.settings());
        settings.put("sallyport.notify.url", notifyUrl);
        settings.put("sallyport.snapshot.poll", poll);
        return Replica.start(settings);
    }

    private static void change(Replica replica) {
        long version = replica.write(() -> {});
        Replica.await("the change", SOON, () -> replica.snapshot().version() >= version);
    }

    @Test
    void noticesComeOverTheConnectionThatTheSettingNames() {
        try (Replica replica = replica(postgres.jdbcUrl() + "", "10m")) {
            Replica.await("listening", SOON, replica.bean(ConfigListener.class)::connected);
            assertThat(postgres.jdbc()
                            .sql("select count(*) from pg_stat_activity where application_name = 'sallyport-listener'"
                                    + " and datname = current_database()")
                            .query(Long.class)
                            .single())
                    .isEqualTo(1);
            change(replica);
        }
    }

    @Test
    void r16_withNobodyAtThatAddressChangesArriveByPolling() {
        try (ClosedPort closed = ClosedPort.take();
                Replica replica = replica("jdbc:postgresql://127.0.0.1:" + closed.number() + "/nobody", "200ms")) {
            change(replica);
            assertThat(replica.bean(ConfigListener.class).connected()).isFalse();
        }
    }
}
