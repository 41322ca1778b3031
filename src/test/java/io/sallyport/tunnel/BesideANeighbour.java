package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What somebody does while another connector is connected, which must stay. Nothing is left over of it. */
abstract class BesideANeighbour extends OneWorld {
    private final Claim neighbour = world.tunnel();
    private TestConnector honest;

    @BeforeEach
    void aNeighbour() {
        honest = world.dial(TunnelProtocol.HTTP2, neighbour).registered();
    }

    @AfterEach
    void staysWhereItIs() {
        assertThat(honest.closed()).isNotDone();
        world.disconnect();
        await().atMost(Duration.ofSeconds(20)).until(() -> world.server.open() == 0);
    }
}
