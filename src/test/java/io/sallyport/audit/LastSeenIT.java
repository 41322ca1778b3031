package io.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.ServiceTokenId;
import io.sallyport.testkit.TestPostgres;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** When service tokens were last used, on a real PostgreSQL. */
class LastSeenIT {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    private final TestPostgres postgres = TestPostgres.migrated();
    private final LastSeen lastSeen = new LastSeen(new JdbcTemplate(postgres.dataSource()));

    @AfterEach
    void close() {
        postgres.close();
    }

    private ServiceTokenId token() {
        UUID id = UUID.randomUUID();
        OffsetDateTime made = OffsetDateTime.ofInstant(NOON, ZoneOffset.UTC);
        postgres.jdbc()
                .sql("insert into service_tokens (id, name, client_id, secret_hash, duration, created_at, updated_at)"
                        + " values (?, 'robot', ?, decode(repeat('00', 32), 'hex'), '8760h', ?, ?)")
                .params(id, id.toString(), made, made)
                .update();
        return new ServiceTokenId(id);
    }

    private @Nullable Instant stored(ServiceTokenId token) {
        OffsetDateTime at = postgres.jdbc()
                .sql("select last_seen_at from service_tokens where id = ?")
                .param(token.value())
                .query(OffsetDateTime.class)
                .optional()
                .orElse(null);
        return at == null ? null : at.toInstant();
    }

    @Test
    void theNewestUseOfEachTokenIsStoredAndUnusedOnesHaveNone() {
        ServiceTokenId used = token();
        ServiceTokenId unused = token();
        lastSeen.note(used, NOON);
        lastSeen.note(used, NOON.plusSeconds(5));

        lastSeen.carry();

        assertThat(stored(used)).isEqualTo(NOON.plusSeconds(5));
        assertThat(stored(unused)).isNull();
    }

    /** Two replicas carry in any order. */
    @Test
    void anOlderUseNeverReplacesANewerOne() {
        ServiceTokenId used = token();
        LastSeen other = new LastSeen(new JdbcTemplate(postgres.dataSource()));
        other.note(used, NOON.plusSeconds(60));
        lastSeen.note(used, NOON);

        other.carry();
        lastSeen.carry();

        assertThat(stored(used)).isEqualTo(NOON.plusSeconds(60));
    }

    @Test
    void aUseThatCannotBeStoredIsCarriedNextTime() {
        ServiceTokenId used = token();
        lastSeen.note(used, NOON);
        postgres.jdbc().sql("alter table service_tokens rename to away").update();
        lastSeen.carry();
        postgres.jdbc().sql("alter table away rename to service_tokens").update();
        assertThat(stored(used)).isNull();

        lastSeen.carry();

        assertThat(stored(used)).isEqualTo(NOON);
    }
}
