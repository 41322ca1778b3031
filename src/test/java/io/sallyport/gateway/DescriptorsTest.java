package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many connections fit into what the system grants (DO-06). */
class DescriptorsTest {
    @Test
    void aClientCountsTwiceForItsOriginAndAFewAreKeptBack() {
        assertThat(new Descriptors(1_024).connections(20_000, 0)).isEqualTo((1_024 - 200) / 2);
    }

    @Test
    void do06ConnectorsHaveAPartWhereThereIsTooLittleForAllAndClientsDoNotGetThat() {
        Descriptors few = new Descriptors(1_024);
        int connectors = few.connectors(20_000);
        assertThat(connectors).isEqualTo((1_024 - 200) / 16);
        int clients = few.connections(20_000, connectors);
        assertThat(200 + connectors + 2 * clients).isBetween(1_000, 1_024);
    }

    @Test
    void whereThereAreEnoughConnectorsAndClientsAllGetWhatTheyWant() {
        Descriptors enough = new Descriptors(1_048_576);
        assertThat(enough.connectors(20_000)).isEqualTo(20_000);
        assertThat(enough.connections(20_000, 20_000)).isEqualTo(20_000);
    }

    @Test
    void noMoreAreTakenThanWereAskedFor() {
        assertThat(new Descriptors(1_048_576).connections(20_000, 20_000)).isEqualTo(20_000);
        assertThat(new Descriptors(Long.MAX_VALUE).connections(Integer.MAX_VALUE, 20_000))
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aHandfulIsTakenHoweverFewThereAre() {
        assertThat(new Descriptors(0).connections(20_000, 0)).isEqualTo(16);
        assertThat(new Descriptors(0).connections(4, 0)).isEqualTo(4);
        assertThat(new Descriptors(0).connectors(20_000)).isEqualTo(16);
    }
}
