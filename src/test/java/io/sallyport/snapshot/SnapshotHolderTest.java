package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.token.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SnapshotHolderTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final ServiceIdentity CI =
            new ServiceIdentity(new ServiceTokenId(UUID.randomUUID()), "ci.access", "CI");

    @Test
    void fc02APictureNobodyComparedForLongerThanTheBoundIsStale() {
        AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5); // monotonic clocks may wrap
        SnapshotHolder holder = new SnapshotHolder(Duration.ofMinutes(15), time::get);
        time.addAndGet(Duration.ofMinutes(15).toNanos());
        assertThat(holder.stale()).isFalse();
        time.incrementAndGet();
        assertThat(holder.stale()).isTrue();
        holder.confirmed();
        assertThat(holder.stale()).isFalse();
        assertThat(holder.age()).isZero();
    }

    @Test
    void fc02AStrictApplicationClosesAfterAMinute() {
        AtomicLong time = new AtomicLong();
        SnapshotHolder holder = new SnapshotHolder(Duration.ofMinutes(15), time::get);
        Application strict = strict(true);
        time.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(holder.stale(strict)).isFalse();
        time.incrementAndGet();
        assertThat(holder.stale(strict)).isTrue();
        assertThat(holder.stale(strict(false))).isFalse();
        holder.confirmed();
        assertThat(holder.stale(strict)).isFalse();
    }

    @Test
    void fc02ABoundShorterThanAMinuteHoldsForStrictApplicationsToo() {
        AtomicLong time = new AtomicLong();
        SnapshotHolder holder = new SnapshotHolder(Duration.ofSeconds(3), time::get);
        time.addAndGet(Duration.ofSeconds(4).toNanos());
        assertThat(holder.stale(strict(true))).isTrue();
    }

    private static Application strict(boolean strict) {
        return ApplicationCompiler.compile(
                new Rows.App(
                        UUID.randomUUID(),
                        0,
                        "0".repeat(64),
                        "self_hosted",
                        "Vault",
                        "vault.example.com",
                        "{\"sallyport_strict_staleness\":%s}".formatted(strict)),
                List.of("vault.example.com"),
                PolicyCompiler.compile(List.of(), new PolicyCompiler.References(Map.of(), Map.of(), Map.of())),
                new CustomPages(List.of(), new Rows.Organization("Example", "auth.example.com", "{}")));
    }

    @Test
    void st01OnlyTheCurrentSecretAndThePreviousInItsGraceAuthenticate() {
        ServiceTokens tokens = tokens(NOW.plusSeconds(60), NOW.plusSeconds(3600), true);
        assertThat(tokens.authenticate("ci.access", "current", NOW)).contains(CI);
        assertThat(tokens.authenticate("ci.access", "previous", NOW)).contains(CI);
        assertThat(tokens.authenticate("ci.access", "previous", NOW.plusSeconds(60)))
                .isEmpty();
        assertThat(tokens.authenticate("ci.access", "wrong", NOW)).isEmpty();
        assertThat(tokens.authenticate("other.access", "current", NOW)).isEmpty();
        assertThat(tokens.authenticate("ci.access", "", NOW)).isEmpty();
        assertThat(tokens.authenticate("ci.access", "current", NOW.plusSeconds(3600)))
                .isEmpty();
    }

    @Test
    void st04DisablingKillsBothSecrets() {
        ServiceTokens tokens = tokens(NOW.plusSeconds(60), NOW.plusSeconds(3600), false);
        assertThat(tokens.authenticate("ci.access", "current", NOW)).isEmpty();
        assertThat(tokens.authenticate("ci.access", "previous", NOW)).isEmpty();
    }

    private static ServiceTokens tokens(Instant previousUntil, Instant expires, boolean enabled) {
        return new ServiceTokens(Map.of(
                "ci.access",
                new ServiceTokens.Entry(
                        CI, Sha256.of("current"), Sha256.of("previous"), previousUntil, expires, enabled)));
    }
}
