package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.token.KeyRotation.Change;
import io.sallyport.token.KeyRotation.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeyRotationTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    private final KeyRotation rotation = new KeyRotation(Duration.ofDays(42), Duration.ofHours(24));
    private final List<Times> keys = new ArrayList<>();
    private int made;

    @Test
    void dueWhenThereIsNoKeyThenOneSignsAtOnceAndTheNextIsPublished() {
        apply(rotation.due(keys, START), START);

        assertThat(signing(START)).isEqualTo("key1");
        assertThat(published(START)).containsExactly("key1", "key2");
        assertThat(rotation.due(keys, START))
                .as("asking twice does nothing twice")
                .isEmpty();
        assertThat(rotation.status(keys, START)).isEqualTo(new KeyRotation.Status(42, 42, START));
    }

    @Test
    @DisplayName("JW-02 six weeks by default, the previous key valid seven days, every key published before it signs")
    void dueWhenTwoYearsPassThenEveryPromiseIsKeptOnEveryDay() {
        String signed = "";
        for (int day = 0; day < 730; day++) {
            Instant now = START.plus(DAY.multipliedBy(day));
            apply(rotation.due(keys, now), now);
            String signs = signing(now);
            assertThat(published(now)).as("day " + day).contains(signs).hasSizeBetween(2, 3);
            if (!signs.equals(signed)) {
                Times key = key(signs);
                assertThat(day % 42).as("rotates every six weeks").isZero();
                if (day > 0) {
                    assertThat(key.publishedAt().plus(JwksDocument.MAX_AGE)).isBefore(key.signsFrom());
                    assertThat(key(signed).retiresAt())
                            .isEqualTo(key.signsFrom().plus(Duration.ofDays(7)));
                }
                signed = signs;
            }
        }
        assertThat(keys).as("old keys are forgotten").hasSizeLessThanOrEqualTo(3);
        assertThat(made).isEqualTo(730 / 42 + 2);
    }

    @Test
    @DisplayName("JW-02 a key verifies as long as the longest token it may have signed")
    void dueWhenTokensLiveLongThenThePreviousKeyStaysAsLong() {
        KeyRotation patient = new KeyRotation(Duration.ofDays(42), Duration.ofDays(31));
        apply(patient.due(keys, START), START);
        Instant after = START.plus(DAY.multipliedBy(42));
        apply(patient.due(keys, after), after);

        assertThat(key("key1").retiresAt()).isEqualTo(after.plus(Duration.ofDays(31)));
    }

    @Test
    @DisplayName("JW-02 a rotation by hand takes effect at once, because the next key has long been published")
    void rotateWhenNextIsPublishedThenItSignsNow() {
        apply(rotation.due(keys, START), START);
        Instant now = START.plus(DAY);

        apply(rotation.rotate(keys, now), now);

        assertThat(signing(now)).isEqualTo("key2");
        assertThat(published(now)).containsExactlyInAnyOrder("key1", "key2", "key3");
        assertThat(key("key1").retiresAt()).isEqualTo(now.plus(Duration.ofDays(7)));
        assertThat(rotation.status(keys, now)).isEqualTo(new KeyRotation.Status(42, 42, now));
    }

    @Test
    @DisplayName("JW-02 a second rotation by hand waits until validators can know the new key")
    void rotateWhenNextIsFreshThenItSignsAfterTheMaxAge() {
        apply(rotation.due(keys, START), START);
        Instant now = START.plus(DAY);
        apply(rotation.rotate(keys, now), now);
        apply(rotation.rotate(keys, now), now);
        apply(rotation.rotate(keys, now.plusSeconds(5)), now.plusSeconds(5));

        assertThat(signing(now.plusSeconds(5))).isEqualTo("key2");
        assertThat(key("key3").signsFrom())
                .isAfter(now.plus(JwksDocument.MAX_AGE))
                .isBefore(now.plus(DAY));
        assertThat(keys).hasSize(3);
        Instant hourLater = now.plus(Duration.ofHours(1));
        apply(rotation.due(keys, hourLater), hourLater);
        assertThat(signing(hourLater)).isEqualTo("key3");
        assertThat(published(hourLater)).contains("key4");
    }

    @Test
    @DisplayName("JW-02 an emergency rotation drops every key at once")
    void emergencyWhenKeysAreLostThenNoneOfThemRemains() {
        apply(rotation.due(keys, START), START);
        Instant now = START.plus(DAY);

        apply(rotation.emergency(keys, now), now);

        assertThat(published(now)).containsExactly("key3", "key4");
        assertThat(signing(now)).isEqualTo("key3");
    }

    @Test
    void rescheduleWhenTheIntervalChangesThenTheNextKeyGetsItsNewDate() {
        apply(rotation.due(keys, START), START);
        Instant now = START.plus(DAY);
        KeyRotation faster = new KeyRotation(Duration.ofDays(21), Duration.ofHours(24));

        apply(faster.reschedule(keys, now), now);

        assertThat(faster.status(keys, now)).isEqualTo(new KeyRotation.Status(21, 20, START));
        Instant much = START.plus(DAY.multipliedBy(40));
        List<Times> late = new ArrayList<>(List.of(
                new Times("a", START, START, null), new Times("b", START, START.plus(DAY.multipliedBy(42)), null)));
        assertThat(faster.reschedule(late, much))
                .as("a date already past means now")
                .contains(new Change.Reschedule("b", much, null));
    }

    @Test
    void dueWhenTheGatewayWasOffForMonthsThenItGoesOnSigning() {
        apply(rotation.due(keys, START), START);
        Instant now = START.plus(DAY.multipliedBy(300));
        apply(rotation.due(keys, now), now);

        assertThat(signing(now)).isEqualTo("key2");
        assertThat(published(now)).contains("key3");
    }

    private void apply(List<Change> changes, Instant now) {
        for (Change change : changes) {
            switch (change) {
                case Change.Create create ->
                    keys.add(new Times("key" + ++made, create.publishedAt(), create.signsFrom(), null));
                case Change.Reschedule moved -> {
                    Times old = key(moved.kid());
                    keys.set(
                            keys.indexOf(old),
                            new Times(old.kid(), old.publishedAt(), moved.signsFrom(), moved.retiresAt()));
                }
                case Change.Delete gone -> keys.remove(key(gone.kid()));
            }
        }
    }

    private Times key(String kid) {
        return keys.stream().filter(key -> key.kid().equals(kid)).findFirst().orElseThrow();
    }

    private String signing(Instant now) {
        return keys.stream()
                .filter(key -> !now.isBefore(key.signsFrom()))
                .max(Comparator.comparing(Times::signsFrom))
                .orElseThrow()
                .kid();
    }

    private List<String> published(Instant now) {
        return keys.stream()
                .filter(key -> !now.isBefore(key.publishedAt()))
                .filter(key -> key.retiresAt() == null || now.isBefore(key.retiresAt()))
                .map(Times::kid)
                .toList();
    }
}
