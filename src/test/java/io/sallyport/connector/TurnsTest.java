package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long nobody dials, when every dial fails at once and whoever dialled asks for the next turn. */
class TurnsTest {
    private static final Instant START = Instant.parse("2026-11-28T00:00:00Z");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void r32SomebodyDialsEverySecondAndNobodyMoreThanTwice(int connections) {
        for (long seed = 0; seed < 50; seed++) {
            List<Duration> pauses = pauses(connections, seed);
            assertThat(pauses.stream().max(Comparator.naturalOrder()).orElseThrow())
                    .as("seed %d", seed)
                    .isLessThan(Duration.ofSeconds(1));
            assertThat(pauses.stream().mapToLong(Duration::toMillis).average().orElseThrow())
                    .as("seed %d", seed)
                    .isBetween(400.0, 800.0);
        }
    }

    @Test
    void r32TheFirstTurnsOfManyConnectorsAreSpread() {
        long early = new Random(1)
                .longs(1_000)
                .mapToObj(seed -> new Turns(new Random(seed)).next(START))
                .filter(wait -> wait.compareTo(Duration.ofMillis(250)) < 0)
                .count();
        assertThat(early).isBetween(400L, 600L);
    }

    @Test
    void afterALongWhileTheNextTurnIsSoon() {
        Turns turns = new Turns(new Random(2));
        turns.next(START);
        assertThat(turns.next(START.plusSeconds(3600))).isLessThan(Duration.ofMillis(500));
    }

    private static List<Duration> pauses(int connections, long seed) {
        Turns turns = new Turns(new Random(seed));
        PriorityQueue<Instant> dials = new PriorityQueue<>();
        for (int i = 0; i < connections; i++) {
            dials.add(START.plus(turns.next(START)));
        }
        List<Duration> pauses = new ArrayList<>();
        Instant last = START;
        for (int i = 0; i < 100; i++) {
            Instant now = dials.remove();
            pauses.add(Duration.between(last, now));
            dials.add(now.plus(turns.next(now)));
            last = now;
        }
        return pauses;
    }
}
