package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.token.Bearer;
import io.sallyport.tunnel.wire.MarkedName;
import io.sallyport.tunnel.wire.Withdrawals;
import io.sallyport.tunnel.wire.Withdrawals.Mark;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a connector keeps of what it was told: more only ever means less access, and never without bound. */
class WithdrawnTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private Instant now = NOW;
    private final InstantSource clock = () -> now;
    private final Withdrawn withdrawn = new Withdrawn(
            clock,
            new ConnectorLog(
                    new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                    ConnectorLog.Level.INFO,
                    clock));

    private static Bearer bearer(String subject, Instant issuedAt) {
        return new Bearer("https://auth", null, subject, "session", "", List.of("aud"), issuedAt);
    }

    private void tell(Mark... marks) {
        withdrawn.take(new Withdrawals(1, "https://auth", List.of(), List.of(marks)));
    }

    @Test
    void anEarlierMomentDoesNotTakeBackALaterOne() {
        tell(new Mark(MarkedName.person("a"), NOW.toEpochMilli()));
        tell(new Mark(MarkedName.person("a"), 0), new Mark(MarkedName.person("a"), Long.MIN_VALUE));
        assertThat(withdrawn.covers(bearer("a", NOW))).isTrue();
        assertThat(withdrawn.covers(bearer("a", NOW.plusMillis(1)))).isFalse();
        assertThat(withdrawn.covers(bearer("b", NOW))).isFalse();
    }

    @Test
    void whatCouldConcernNobodyAnyMoreIsForgotten() {
        tell(new Mark(MarkedName.person("a"), NOW.toEpochMilli()));
        now = NOW.plus(Duration.ofDays(31));
        tell(new Mark(MarkedName.person("b"), NOW.toEpochMilli()));
        assertThat(withdrawn.size()).isOne();
        assertThat(withdrawn.covers(bearer("b", NOW))).isTrue();
    }

    @Test
    void do04AFloodOfMarksStaysBoundedAndKeepsTheNewest() {
        int calls = Withdrawn.MOST / Withdrawals.MOST_MARKS + 2;
        for (int call = 0; call < calls; call++) {
            int first = call * Withdrawals.MOST_MARKS;
            tell(IntStream.range(first, first + Withdrawals.MOST_MARKS)
                    .mapToObj(i -> new Mark(new MarkedName(i, i), Long.MAX_VALUE))
                    .toArray(Mark[]::new));
        }
        tell(new Mark(MarkedName.person("newest"), Long.MAX_VALUE));
        assertThat(withdrawn.size()).isEqualTo(Withdrawn.MOST);
        assertThat(withdrawn.covers(bearer("newest", NOW))).isTrue();
    }

    @Test
    void theSameAgainTellsNobody() {
        AtomicInteger changes = new AtomicInteger();
        withdrawn.whenChanged(changes::incrementAndGet);
        Mark mark = new Mark(MarkedName.session("session"), Long.MAX_VALUE);
        tell(mark);
        tell(mark);
        tell();
        assertThat(changes).hasValue(1);
    }

    @Test
    void aTokenWithoutATimeIsAsOldAsCanBeAndOneOfAWithdrawnKeyIsDead() {
        Bearer undated = Bearer.claimed(jwt("k0", "{\"iss\":\"https://auth\",\"sub\":\"a\"}"))
                .orElseThrow();
        assertThat(undated.issuedAt()).isEqualTo(Instant.EPOCH);
        assertThat(withdrawn.covers(undated)).isFalse();
        withdrawn.take(new Withdrawals(1, "https://auth", List.of("k1"), List.of()));
        assertThat(withdrawn.covers(undated)).isTrue();
        Bearer elsewhere =
                Bearer.claimed(jwt("k0", "{\"iss\":\"https://other\"}")).orElseThrow();
        assertThat(withdrawn.covers(elsewhere)).isFalse();
        assertThat(Bearer.claimed("junk")).isEmpty();
        assertThat(Bearer.claimed("a.b.c")).isEmpty();
    }

    private static String jwt(String key, String claims) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return base64.encodeToString(("{\"kid\":\"" + key + "\"}").getBytes(StandardCharsets.UTF_8)) + "."
                + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".x";
    }
}
