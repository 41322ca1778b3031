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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which connection the requests of one event loop go to that follow each other closely. */
class GatheringTest {
    private final TunnelId tunnel = new TunnelId(new UUID(0, 1));
    private final TunnelAddress to = TunnelAddress.of(tunnel);
    private final TunnelDirectory directory = new TunnelDirectory();
    private final EventLoop loop = new DefaultEventLoop();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // it overflows
    private final Map<TunnelConnection, TestTransport> transports = new HashMap<>();

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    @Test
    void requestsThatFollowEachOtherGoOverOneConnectionAndLaterOnesOverTheLessBusy() throws Exception {
        connections(loop, 2);

        List<TunnelConnection> first = onTheLoop(10);
        now.addAndGet(TunnelConnection.TOGETHER.toNanos() - 1);
        List<TunnelConnection> second = onTheLoop(10);
        now.addAndGet(1);
        List<TunnelConnection> third = onTheLoop(10);

        assertThat(first).containsOnly(first.getFirst());
        assertThat(second).containsOnly(first.getFirst());
        assertThat(third).containsOnly(third.getFirst());
        assertThat(third.getFirst()).isNotEqualTo(first.getFirst());
    }

    @Test
    void aConnectionTakesNoMoreThanItsShare() throws Exception {
        connections(loop, 2);

        List<TunnelConnection> chosen = onTheLoop(TunnelConnection.MOST_TOGETHER + 1);

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

    private List<TunnelConnection> onTheLoop(int count) throws Exception {
        return loop.submit(() -> requests(count)).get();
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
                    Instant.EPOCH,
                    now::get);
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
