package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LongPollsTest {
    private final LongPolls polls = new LongPolls(32, 16);

    private List<LongPolls.Place> filledBy(int sources, int each) {
        return IntStream.range(0, sources * each)
                .mapToObj(i -> polls.enter("hoarder " + i / each).orElseThrow())
                .toList();
    }

    @Test
    void do04OneSourceHasOnlySoManyPlaces() {
        filledBy(1, 16);
        assertThat(polls.enter("hoarder 0")).isEmpty();
        assertThat(polls.enter("somebody")).isPresent();
    }

    @Test
    void do04AFewWhoTakeAllPlacesKeepNobodyOut() {
        List<LongPolls.Place> hoarded = filledBy(2, 16);
        assertThat(polls.enter("somebody"))
                .hasValueSatisfying(place -> assertThat(place.isCalledOff()).isFalse());
        assertThat(hoarded)
                .filteredOn(LongPolls.Place::isCalledOff)
                .hasSize(1)
                .first()
                .satisfies(first ->
                        assertThat(first).as("the oldest of its source").isIn(hoarded.getFirst(), hoarded.get(16)));
    }

    @Test
    void do04NobodyGainsByAskingAgain() {
        filledBy(2, 16);
        long places = IntStream.range(0, 100)
                .filter(i -> polls.enter("hoarder 2").isPresent())
                .count();
        assertThat(places).as("no more than a third part").isEqualTo(10);
    }

    @Test
    void aPlaceThatWasLeftIsFreeOnceAndOneThatWasGivenAwayIsNot() {
        List<LongPolls.Place> hoarded = filledBy(32, 1);
        assertThat(polls.enter("somebody")).as("all have equally many").isEmpty();
        hoarded.getFirst().close();
        hoarded.getFirst().close();
        assertThat(polls.enter("somebody")).isPresent();
        assertThat(polls.enter("somebody else")).isEmpty();
    }

    @Test
    void whoWasCalledOffLeavesWithoutTakingAnybodyElsesPlace() {
        List<LongPolls.Place> hoarded = filledBy(2, 16);
        polls.enter("somebody").orElseThrow();
        hoarded.forEach(LongPolls.Place::close);
        List<LongPolls.Place> next = IntStream.range(0, 31)
                .mapToObj(i -> polls.enter("visitor " + i).orElseThrow())
                .toList();
        assertThat(polls.enter("one more")).isEmpty();
        assertThat(next).noneMatch(LongPolls.Place::isCalledOff);
    }
}
