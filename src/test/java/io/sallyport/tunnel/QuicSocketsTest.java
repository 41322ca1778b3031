package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which socket a connection id leads to. */
class QuicSocketsTest {
    private static final int ID = 20;
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5_000);

    private final List<EventLoop> loops = List.of(new DefaultEventLoop(), new DefaultEventLoop());
    private final QuicSockets sockets = new QuicSockets(new AddressTokens(System::nanoTime, address -> true));
    private final List<QuicSockets.Place> places = new ArrayList<>();

    QuicSocketsTest() {
        for (int i = 0; i < 2; i++) {
            loops.forEach(loop -> places.add(sockets.next(loop)));
        }
    }

    @AfterEach
    void stop() {
        loops.forEach(EventLoop::shutdownGracefully);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 500, 1_000})
    void everyIdCanNameEachSocketAndKeepsItsOtherBytes(int count) {
        byte[] rest = "not to be changed.".getBytes(StandardCharsets.US_ASCII);
        for (int first = 0; first < 1 << Short.SIZE; first++) {
            int socket = first * 31 % count;
            ByteBuffer random =
                    ByteBuffer.allocate(ID).putShort((short) first).put(rest).flip();

            ByteBuffer id = SocketFilter.connectionId(random.asReadOnlyBuffer(), socket, count);

            assertThat(Short.toUnsignedInt(id.getShort(0)) % count).isEqualTo(socket);
            assertThat(id.slice(2, ID - 2)).isEqualTo(ByteBuffer.wrap(rest));
        }
    }

    @Test
    void connectionsThatBeginAtTheSameTimeAreDealtOutInTurn() {
        assertThat(List.of(retry(0), retry(0), retry(0), retry(0))).containsExactly(0, 1, 2, 3);
    }

    @Test
    void aNewConnectionGoesToTheLoopWithTheFewestAndThereToTheSocketWithTheFewest() {
        EmbeddedChannel leaving = new EmbeddedChannel();
        places.get(0).count(leaving);
        places.get(2).count(new EmbeddedChannel());
        places.get(1).count(new EmbeddedChannel());

        assertThat(retry(3)).isEqualTo(3);

        places.get(3).count(new EmbeddedChannel());
        leaving.close();

        assertThat(retry(3)).isEqualTo(0);
    }

    @Test
    void furtherIdsOfAConnectionLeadToItsOwnSocket() {
        places.get(2).count(new EmbeddedChannel());
        retry(2);

        assertThat(named(places.get(2).newId(ByteBuffer.allocate(ID), ID))).isEqualTo(2);
        assertThat(named(places.get(2).newId(ByteBuffer.allocate(ID), ID))).isEqualTo(2);
    }

    /** The socket that the id of a Retry names, which this one sends. */
    private int retry(int from) {
        QuicSockets.Place place = places.get(from);
        place.writeToken(Unpooled.buffer(), Unpooled.wrappedBuffer(new byte[ID]), CLIENT);
        return named(place.newId(ByteBuffer.allocate(ID), ID));
    }

    private int named(ByteBuffer id) {
        return Short.toUnsignedInt(id.getShort(id.position())) % places.size();
    }
}
