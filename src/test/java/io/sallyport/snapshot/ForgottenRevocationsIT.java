package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.identity.IdentityNonce;
import io.sallyport.testkit.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** From a month after the first revocation on the oldest are forgotten, every hour. */
class ForgottenRevocationsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void cs07WhatIsForgottenHidesNoNewRevocationAndMakesNoPictureOld() {
        try (TestPostgres postgres = TestPostgres.migrated();
                Replica replica = Replica.start(postgres.settings(), "--sallyport.snapshot.poll=100ms")) {
            JdbcClient database = postgres.jdbc();
            SnapshotHolder holder = replica.bean(SnapshotHolder.class);
            database.sql(revoking("generate_series(1, 50) n")).update();
            awaitSessions(replica, 50);

            assertThat(database.sql("delete from revocations where subject <> 'ended-50'")
                            .update())
                    .isEqualTo(49);
            awaitSessions(replica, 1);
            database.sql(revoking("generate_series(51, 51) n")).update();
            awaitSessions(replica, 2);
            assertThat(replica.snapshot().revocations().sessions()).contains(new IdentityNonce("ended-51"));

            // Two go and one comes between two looks.
            database.sql("with gone as (delete from revocations returning 1) " + revoking("generate_series(52, 52) n"))
                    .update();
            awaitSessions(replica, 1);
            assertThat(replica.snapshot().revocations().sessions()).containsExactly(new IdentityNonce("ended-52"));
            database.sql("delete from revocations").update();
            awaitSessions(replica, 0);
            Duration old = holder.age();
            await("the picture to be compared")
                    .atMost(SOON)
                    .until(() -> holder.age().compareTo(Duration.ofSeconds(1)) < 0);
            assertThat(old).isLessThan(SOON);
        }
    }

    private static String revoking(String whom) {
        return """
                insert into revocations (kind, subject, not_before, expires_at)
                select 'session', 'ended-' || n, now(), now() + interval '32 days' from\s""" + whom;
    }

    private static void awaitSessions(Replica replica, int wanted) {
        await(wanted + " ended sessions")
                .atMost(SOON)
                .until(() -> replica.snapshot().revocations().sessions().size() == wanted);
    }
}
