package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the codec behind hears that a round of reading is over, which is when it sends. */
class DeparturesTest {
    private static final int SMALL = 1_200;

    private final Departures departures = new Departures();
    private int rounds;
    private final EmbeddedChannel socket = new EmbeddedChannel(departures, new ChannelInboundHandlerAdapter() {
        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            rounds++;
        }
    });

    private void arrives(int packets) {
        Object[] all = new Object[packets];
        for (int i = 0; i < packets; i++) {
            all[i] = new DatagramPacket(Unpooled.wrappedBuffer(new byte[SMALL]), new InetSocketAddress(7844));
        }
        socket.writeInbound(all);
    }

    private void passes(long micros) {
        socket.advanceTimeBy(micros, TimeUnit.MICROSECONDS);
        socket.runScheduledPendingTasks();
    }

    @Test
    void anAcknowledgementWaitsAWhileForSomethingToTravelWith() {
        socket.freezeTime();
        arrives(1);
        passes(4_900);
        assertThat(rounds).isZero();
        passes(200);
        assertThat(rounds).isOne();
    }

    @Test
    void whatAStreamSaysTakesItAlongInThisTurn() {
        socket.freezeTime();
        arrives(1);
        departures.soon();
        departures.soon();
        socket.runPendingTasks();
        assertThat(rounds).isOne();
        passes(6_000);
        assertThat(rounds).isOne();
    }

    @Test
    void whoSendsMuchIsNotKeptWaiting() {
        socket.freezeTime();
        arrives(26);
        assertThat(rounds).isZero();
        arrives(2);
        assertThat(rounds).isOne();
    }

    @Test
    void whileSomethingHasNoRoomWhateverArrivesTakesItAlong() {
        socket.freezeTime();
        ChannelPromise written = socket.newPromise();
        departures.watch(written);
        arrives(1);
        assertThat(rounds).isOne();
        written.setSuccess();
        arrives(1);
        assertThat(rounds).isOne();
    }

    @Test
    void whatFindsRoomInARoundLeavesInThisTurn() {
        socket.freezeTime();
        arrives(1);
        ChannelPromise written = socket.newPromise();
        departures.watch(written);
        written.setSuccess();
        socket.runPendingTasks();
        assertThat(rounds).isOne();
    }

    @Test
    void whoShakesHandsIsNotKeptWaiting() {
        byte[] initial = new byte[SMALL];
        initial[0] = (byte) 0xc0;
        socket.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(initial), new InetSocketAddress(7844)));
        assertThat(rounds).isOne();
    }

    @Test
    void whereNothingArrivedThereIsNoRoundToEnd() {
        socket.freezeTime();
        departures.soon();
        socket.runPendingTasks();
        assertThat(rounds).isZero();
    }
}
