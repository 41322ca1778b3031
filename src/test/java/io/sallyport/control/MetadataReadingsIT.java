package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.saml.ProviderMetadata;
import io.sallyport.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who reads metadata, and when, in a database without a server. */
class MetadataReadingsIT {
    private static TestPostgres database;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-07-01T12:00:00Z"));
    private MetadataReadings readings;

    @BeforeAll
    static void open() {
        database = TestPostgres.migrated();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void empty() {
        database.jdbc().sql("delete from identity_providers").update();
        readings = new MetadataReadings(database.jdbc(), now::get);
    }

    private void pass(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }

    private static UUID provider(String type, String config) {
        UUID id = UUID.randomUUID();
        database.jdbc().sql("""
                        insert into identity_providers (id, name, type, body, created_at, updated_at)
                        values (?, 'Corporate', ?, jsonb_build_object('config', ?::jsonb), now(), now())""").params(id, type, config).update();
        return id;
    }

    private static ProviderMetadata saying(Instant validUntil, Duration cacheDuration) {
        return new ProviderMetadata("i", "https://s", false, List.of("c"), false, validUntil, cacheDuration);
    }

    @Test
    void onlySamlProvidersWithAnAddressAreEverDue() {
        provider("oidc", "{\"metadata_url\": \"https://a.example\"}");
        provider("saml", "{}");
        provider("saml", "{\"metadata_url\": \"\"}");
        assertThat(readings.takeDue()).isEmpty();
    }

    @Test
    void ofManyReplicasOneReads() throws Exception {
        UUID id = provider("saml", "{\"metadata_url\": \"https://a.example\"}");
        for (int round = 0; round < 5; round++) {
            List<Future<Optional<UUID>>> all = new ArrayList<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 8; i++) {
                    all.add(threads.submit(new MetadataReadings(database.jdbc(), now::get)::takeDue));
                }
            }
            int taken = 0;
            for (Future<Optional<UUID>> each : all) {
                taken += each.get().filter(id::equals).isPresent() ? 1 : 0;
            }
            assertThat(taken).isEqualTo(1);
            pass(Duration.ofMinutes(1)); // who took it has died over it
        }
    }

    @Test
    void whatWasReadIsReadAgainAfterADayAndWhatCouldNotBeAfterAnHour() {
        UUID id = provider("saml", "{\"metadata_url\": \"https://a.example\"}");
        assertThat(readings.takeDue()).contains(id);
        readings.failed(id, "answered 500");
        assertThat(readings.find(id).orElseThrow().problem()).isEqualTo("answered 500");
        pass(Duration.ofMinutes(59));
        assertThat(readings.takeDue()).isEmpty();
        pass(Duration.ofMinutes(1));
        assertThat(readings.takeDue()).contains(id);
        readings.read(id, saying(null, null), true);
        Instant read = now.get();
        assertThat(readings.find(id))
                .contains(new MetadataReadings.Reading(read.plus(Duration.ofDays(1)), read, read, read, null, null));
        pass(Duration.ofHours(24));
        assertThat(readings.takeDue()).contains(id);
        readings.read(id, saying(null, null), false);
        assertThat(readings.find(id).orElseThrow().changed()).isEqualTo(read);
    }

    @Test
    void aDocumentIsReadAsOftenAsItWantsWithinReason() {
        Instant at = now.get();
        assertThat(MetadataReadings.pause(saying(null, Duration.ofHours(6)), at))
                .isEqualTo(Duration.ofHours(6));
        assertThat(MetadataReadings.pause(saying(null, Duration.ofDays(30)), at))
                .isEqualTo(Duration.ofDays(1));
        assertThat(MetadataReadings.pause(saying(null, Duration.ofSeconds(1)), at))
                .isEqualTo(Duration.ofHours(1));
        assertThat(MetadataReadings.pause(saying(null, Duration.ofSeconds(-1)), at))
                .isEqualTo(Duration.ofHours(1));
        assertThat(MetadataReadings.pause(saying(at.plus(Duration.ofHours(10)), null), at))
                .isEqualTo(Duration.ofHours(5));
        assertThat(MetadataReadings.pause(saying(at.plus(Duration.ofSeconds(1)), null), at))
                .isEqualTo(Duration.ofHours(1));
    }
}
