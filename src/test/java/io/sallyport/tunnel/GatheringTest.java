package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.wire.ConnectionOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which connection the requests of one turn of an event loop go to. */
class GatheringTest {
    private final TunnelId tunnel = new TunnelId(new UUID(0, 1));
    private final TunnelAddress to = TunnelAddress.of(tunnel);
    private final TunnelDirectory directory = new TunnelDirectory();
    private final EventLoop loop = new DefaultEventLoop();
    private final Map<TunnelConnection, TestTransport> transports = new HashMap<>();

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    @Test
    void requestsOfOneTurnGoOverOneConnectionAndThoseOfTheNextOverTheLessBusy() throws Exception {
        connections(loop, 2);

        List<TunnelConnection> first = loop.submit(() -> requests(10)).get();
        List<TunnelConnection> second = loop.submit(() -> requests(10)).get();

        assertThat(first).containsOnly(first.getFirst());
        assertThat(second).containsOnly(second.getFirst());
        assertThat(second.getFirst()).isNotEqualTo(first.getFirst());
    }

    @Test
    void aConnectionTakesNoMoreThanItsShareOfOneTurn() throws Exception {
        connections(loop, 2);

        List<TunnelConnection> chosen =
                loop.submit(() -> requests(TunnelConnection.MOST_TOGETHER + 1)).get();

        assertThat(chosen.subList(0, TunnelConnection.MOST_TOGETHER)).containsOnly(chosen.getFirst());
        assertThat(chosen.getLast()).isNotEqualTo(chosen.getFirst());
    }

    @Test
    void aConnectionThatFailedTheRequestIsNotChosenAgain() throws Exception {
        connections(loop, 2);

        loop.submit(() -> {
                    TunnelConnection failed = requests(1).getFirst();
                    assertThat(directory.leastBusy(to, List.of(failed)).orElseThrow())
                            .isNotEqualTo(failed);
                    return failed;
                })
                .get();
    }

    @Test
    void requestsOfOtherThreadsAreSpread() {
        connections(loop, 2);

        assertThat(requests(2)).doesNotHaveDuplicates();
    }

    private void connections(EventLoop on, int count) {
        for (int index = 0; index < count; index++) {
            TestTransport transport = new TestTransport(on);
            TunnelConnection connection = new TunnelConnection(
                    UUID.randomUUID(),
                    new TunnelConnection.Key(tunnel, new UUID(0, 2), index),
                    new ConnectionOptions(new UUID(0, 2), List.of(), "1", "none", new byte[0], false, 0, 0),
                    transport,
                    new LongAdder(),
                    Instant.EPOCH);
            transports.put(connection, transport);
            directory.add(connection);
        }
    }

    /** The connections of requests that stay open. */
    private List<TunnelConnection> requests(int count) {
        List<TunnelConnection> chosen = new ArrayList<>();
        Stream.generate(() -> directory.leastBusy(to, List.of()).orElseThrow())
                .limit(count)
                .forEach(connection -> {
                    transports.get(connection).opened();
                    connection.open(new ChannelInboundHandlerAdapter());
                    chosen.add(connection);
                });
        return chosen;
    }
}
