package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.Email;
import io.sallyport.login.PinChallenges.Made;
import io.sallyport.login.PinChallenges.Request;
import io.sallyport.login.PinChallenges.Try;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.token.MasterKey;
import io.sallyport.token.Sealer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Counting, hashing and consuming of one-time PINs on a real PostgreSQL, with two "replicas". */
class PinChallengesIT {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final String APP = "a".repeat(64);
    private static TestPostgres postgres;
    private static PinChallenges challenges;
    private static PinChallenges otherReplica;
    private static int counter;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
        challenges = replica();
        otherReplica = replica();
    }

    private static PinChallenges replica() {
        Seals seals = new Seals(new Sealer(MasterKey.parse("A".repeat(43) + "=")), JsonMapper.shared());
        return new PinChallenges(
                postgres.jdbc(), new TransactionTemplate(new JdbcTransactionManager(postgres.dataSource())), seals);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    /** Somebody no other test knows. */
    private static Request somebody() {
        counter++;
        return new Request(
                new Email("person" + counter + "@example.com"), "browser" + counter, APP, "source" + counter, null);
    }

    @Test
    void ot02ACodeHasSixDigitsAndWorksOnce() {
        Request request = somebody();
        Made made = challenges.make(request, NOW).orElseThrow();

        assertThat(made.pin()).matches("[0-9]{6}");
        assertThat(otherReplica.attempt(made.id(), request, made.pin(), NOW)).isEqualTo(Try.RIGHT);
        assertThat(challenges.attempt(made.id(), request, made.pin(), NOW)).isEqualTo(Try.USED);
    }

    @Test
    void ot02ACodeEndsAfterTenMinutes() {
        Request request = somebody();
        Made made = challenges.make(request, NOW).orElseThrow();

        assertThat(challenges.attempt(made.id(), request, made.pin(), NOW.plus(Duration.ofMinutes(10))))
                .isEqualTo(Try.ENDED);
        assertThat(challenges.attempt(made.id(), request, made.pin(), NOW.plusSeconds(599)))
                .isEqualTo(Try.RIGHT);
    }

    @Test
    void ot02ANewerCodeEndsTheOlder() {
        Request request = somebody();
        Made older = challenges.make(request, NOW).orElseThrow();
        Made newer = otherReplica.make(request, NOW.plusSeconds(1)).orElseThrow();

        assertThat(challenges.attempt(older.id(), request, older.pin(), NOW.plusSeconds(2)))
                .isEqualTo(Try.ENDED);
        assertThat(challenges.attempt(newer.id(), request, newer.pin(), NOW.plusSeconds(2)))
                .isEqualTo(Try.RIGHT);
    }

    @Test
    void ot02ACodeIsBoundToBrowserAddressAndApplication() {
        Request request = somebody();
        Made made = challenges.make(request, NOW).orElseThrow();

        for (Request other : List.of(
                new Request(request.email(), "other", APP, request.source(), null),
                new Request(new Email("other@example.com"), request.browser(), APP, request.source(), null),
                new Request(request.email(), request.browser(), "b".repeat(64), request.source(), null))) {
            assertThat(challenges.attempt(made.id(), other, made.pin(), NOW)).isEqualTo(Try.ENDED);
        }
        assertThat(challenges.attempt(made.id(), request, made.pin(), NOW)).isEqualTo(Try.RIGHT);
    }

    @Test
    void ot03FiveWrongTriesKillTheChallenge() {
        Request request = somebody();
        Made made = challenges.make(request, NOW).orElseThrow();
        String wrong = made.pin().equals("000000") ? "111111" : "000000";

        for (int tries = 1; tries <= 4; tries++) {
            assertThat(challenges.attempt(made.id(), request, wrong, NOW)).isEqualTo(Try.WRONG);
        }
        assertThat(otherReplica.attempt(made.id(), request, wrong, NOW)).isEqualTo(Try.EXHAUSTED);
        assertThat(challenges.attempt(made.id(), request, made.pin(), NOW)).isEqualTo(Try.EXHAUSTED);
    }

    @Test
    void ot03RacingGuessesHaveFiveTriesTogether() throws Exception {
        Request request = somebody();
        Made made = challenges.make(request, NOW).orElseThrow();
        List<Try> outcomes =
                race(20, i -> (i % 2 == 0 ? challenges : otherReplica).attempt(made.id(), request, "guess" + i, NOW));

        assertThat(outcomes).filteredOn(Try.WRONG::equals).hasSize(4);
        assertThat(outcomes).doesNotContain(Try.RIGHT);
        assertThat(challenges.attempt(made.id(), request, made.pin(), NOW)).isEqualTo(Try.EXHAUSTED);
    }

    @Test
    void ot03FiveCodesPerAddressInFifteenMinutesOnAllReplicasTogether() throws Exception {
        Request request = somebody();
        List<Optional<Made>> made = race(
                12,
                i -> (i % 2 == 0 ? challenges : otherReplica)
                        .make(new Request(request.email(), "browser", APP, request.source() + i, null), NOW));

        assertThat(made).filteredOn(Optional::isPresent).hasSize(5);
        assertThat(challenges.make(request, NOW.plus(Duration.ofMinutes(14)))).isEmpty();
        assertThat(challenges.make(request, NOW.plus(Duration.ofMinutes(15)).plusSeconds(1)))
                .isPresent();
    }

    @Test
    void ot03TwentyCodesPerSourceInFifteenMinutes() {
        String source = somebody().source();
        for (int i = 0; i < 20; i++) {
            Request request = somebody();
            assertThat(challenges.make(new Request(request.email(), request.browser(), APP, source, null), NOW))
                    .isPresent();
        }
        Request request = somebody();
        assertThat(otherReplica.make(new Request(request.email(), request.browser(), APP, source, null), NOW))
                .isEmpty();
        assertThat(challenges.make(request, NOW)).as("another source").isPresent();
    }

    private static Request from(Request person, String source, String device) {
        return new Request(person.email(), "browser at " + source + " " + device, APP, source, device);
    }

    @Test
    void ot03WhoTypesSomebodysAddressAllDayLeavesCodesForThePersonElsewhere() {
        Request person = somebody();
        List<Optional<Made>> taken = IntStream.range(0, 30)
                .mapToObj(i -> challenges.make(from(person, "attacker", "device" + i), NOW))
                .toList();

        assertThat(taken).filteredOn(Optional::isPresent).hasSize(3);
        Made made = otherReplica.make(person, NOW).orElseThrow();
        assertThat(challenges.attempt(made.id(), person, made.pin(), NOW)).isEqualTo(Try.RIGHT);
    }

    @Test
    void ot03StrangersFromEverywhereUseUpNothingOfABrowserThatHasReadTheMail() {
        Request person = from(somebody(), "home", "known");
        Made first = challenges.make(person, NOW).orElseThrow();
        assertThat(challenges.attempt(first.id(), person, first.pin(), NOW)).isEqualTo(Try.RIGHT);
        List<Optional<Made>> taken = IntStream.range(0, 30)
                .mapToObj(i -> challenges.make(from(person, "attacker" + i, "device" + i), NOW))
                .toList();
        assertThat(taken).as("and the first").filteredOn(Optional::isPresent).hasSize(4);

        for (int i = 0; i < 5; i++) {
            assertThat(otherReplica.make(person, NOW)).as("code %d", i).isPresent();
        }
        assertThat(challenges.make(person, NOW)).as("not without end").isEmpty();
        assertThat(challenges.make(from(person, "home", "unknown"), NOW))
                .as("the same place alone proves nothing")
                .isEmpty();
        assertThat(challenges.make(person, NOW.plus(Duration.ofMinutes(16)))).isPresent();
    }

    @Test
    void ot03ABrowserIsKnownForTheAddressThatWasEnteredInItAndForThirtyDays() {
        Request person = from(somebody(), "here", "mine");
        Made made = challenges.make(person, NOW).orElseThrow();
        assertThat(challenges.attempt(made.id(), person, made.pin(), NOW)).isEqualTo(Try.RIGHT);

        Request victim = from(somebody(), "here", "mine");
        assertThat(IntStream.range(0, 5).mapToObj(i -> challenges.make(victim, NOW)))
                .as("whose browser it is has no codes of its own for another's address")
                .filteredOn(Optional::isPresent)
                .hasSize(3);
        Instant later = NOW.plus(Duration.ofDays(31));
        assertThat(IntStream.range(0, 5).mapToObj(i -> challenges.make(person, later)))
                .filteredOn(Optional::isPresent)
                .hasSize(3);
    }

    @Test
    void ot02WhatAStrangerAsksForDoesNotEndThePersonsCode() {
        Request person = somebody();
        Made made = challenges.make(person, NOW).orElseThrow();
        Made theirs = challenges.make(from(person, "attacker", "device"), NOW).orElseThrow();

        assertThat(otherReplica.attempt(theirs.id(), person, theirs.pin(), NOW)).isEqualTo(Try.ENDED);
        assertThat(otherReplica.attempt(made.id(), person, made.pin(), NOW)).isEqualTo(Try.RIGHT);
    }

    @Test
    void ot04TwoReplicasRacingGiveOneSuccess() throws Exception {
        for (int round = 0; round < 10; round++) {
            Request request = somebody();
            Made made = challenges.make(request, NOW).orElseThrow();
            List<Try> outcomes =
                    race(4, i -> (i % 2 == 0 ? challenges : otherReplica).attempt(made.id(), request, made.pin(), NOW));
            assertThat(outcomes).filteredOn(Try.RIGHT::equals).hasSize(1);
            assertThat(outcomes).filteredOn(Try.USED::equals).hasSize(3);
        }
    }

    @Test
    void ot04NeitherCodeNorAddressIsStoredReadably() {
        Request request = somebody();
        Made made = challenges.make(request, NOW).orElseThrow();
        String dump = postgres.jdbc()
                .sql("select otp_challenges::text || encode(pin_mac, 'escape') || encode(email_mac, 'escape') from"
                        + " otp_challenges where id = ?")
                .param(made.id())
                .query(String.class)
                .single();

        assertThat(dump).doesNotContain(request.email().value(), request.browser());
        assertThat(dump.replace(made.id(), "")).doesNotContain(made.pin());
        assertThat(made.toString()).doesNotContain(made.pin());
    }

    private interface Racer<T> {
        T run(int i);
    }

    private static <T> List<T> race(int runners, Racer<T> racer) throws Exception {
        List<T> outcomes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < runners; i++) {
                int number = i;
                running.add(threads.submit(() -> racer.run(number)));
            }
            for (Future<T> each : running) {
                outcomes.add(each.get());
            }
        }
        return outcomes;
    }
}
