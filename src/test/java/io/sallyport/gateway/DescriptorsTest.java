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
    void do06ConnectorsAndReplicasHaveAPartWhereThereIsTooLittleForAllAndClientsDoNotGetThat() {
        Descriptors few = new Descriptors(4_096);
        int connectors = few.connectors(20_000);
        assertThat(connectors).isEqualTo((4_096 - 200) / 16);
        int replicas = few.replicas(1_000);
        assertThat(replicas).isEqualTo((4_096 - 200) / 64);
        int clients = few.connections(20_000, connectors + replicas);
        assertThat(200 + connectors + replicas + 2 * clients).isBetween(4_090, 4_096);
    }

    @Test
    void whereThereAreEnoughConnectorsAndClientsAllGetWhatTheyWant() {
        Descriptors enough = new Descriptors(1_048_576);
        assertThat(enough.connectors(20_000)).isEqualTo(20_000);
        assertThat(enough.replicas(1_000)).isEqualTo(1_000);
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
        assertThat(new Descriptors(0).replicas(1_000)).isEqualTo(16);
    }
}
