package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many connections fit into what the system grants (DO-06). */
class DescriptorsTest {
    @Test
    void aClientCountsTwiceForItsOriginAndAFewAreKeptBack() {
        assertThat(new Descriptors(1_024).connections(20_000)).isEqualTo((1_024 - 200) / 2);
    }

    @Test
    void noMoreAreTakenThanWereAskedFor() {
        assertThat(new Descriptors(1_048_576).connections(20_000)).isEqualTo(20_000);
        assertThat(new Descriptors(Long.MAX_VALUE).connections(Integer.MAX_VALUE))
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aHandfulIsTakenHoweverFewThereAre() {
        assertThat(new Descriptors(0).connections(20_000)).isEqualTo(16);
        assertThat(new Descriptors(0).connections(4)).isEqualTo(4);
    }
}
