package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.testkit.LongWay;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.testkit.TestConnectorQuic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TU-06 over QUIC, at the real library: what readers who were fast and then take nothing have standing in the gate. */
class WideWindowsIT {
    private static final int READERS = 8;
    /** Enough for the library to open a window wide. */
    private static final long READ = 4 << 20;

    private static final long OWN = 512 << 10;
    private static final long SHARED = 8 << 20;
    private static final int PIECE = 64 << 10;
    /** On a round trip as short as loopback's nobody's window grows. */
    private static final Duration ONE_WAY = Duration.ofMillis(25);

    private final AtomicLong sent = new AtomicLong();

    @Test
    void tu06ReadersWhoWereFastAndStopHaveNoMoreThanTheGateHasForAll(@TempDir Path files) {
        try (TunnelWorld world = new TunnelWorld(files, new TunnelRoom(100, 100, SHARED));
                LongWay way = new LongWay(world.server.port(), ONE_WAY)) {
            Claim claim = world.tunnel();
            TestConnector connector = TestConnectorQuic.dial(way.port(), claim).registered();
            connector.answering(request -> {
                request.head(200, List.of());
                if (request.path.equals("/endless")) {
                    pour(request.stream());
                } else {
                    request.write(new byte[10]);
                    request.end();
                }
            });
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(Reader.of(world, claim, "/endless", READ));
            }
            readers.forEach(each -> assertThat(each.stopped).succeedsWithin(Duration.ofSeconds(60)));
            AtomicLong before = new AtomicLong(-1);
            await("nothing more to be taken")
                    .pollInterval(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> before.getAndSet(sent.get()) == sent.get());
            long standing =
                    sent.get() - readers.stream().mapToLong(each -> each.read).sum();
            assertThat(standing).as("what all readers have standing").isLessThanOrEqualTo(READERS * OWN + SHARED);
            assertThat(world.server.windows())
                    .as("what was given out of the budget")
                    .isLessThanOrEqualTo(SHARED);

            assertThat(Reader.of(world, claim, "/small", Long.MAX_VALUE).stopped)
                    .as("somebody else's answer")
                    .succeedsWithin(Duration.ofSeconds(5));
            Reader again = readers.getFirst();
            again.goOn(4 << 20);
            assertThat(again.stopped).as("a reader that comes back").succeedsWithin(Duration.ofSeconds(30));

            readers.forEach(each -> each.stream.close());
            await().until(() -> world.server.windows() == 0);
            connector.close();
        }
    }

    /** As much as the edge lets it send. */
    private void pour(Channel stream) {
        stream.writeAndFlush(Unpooled.wrappedBuffer(new byte[PIECE])).addListener(written -> {
            if (written.isSuccess()) {
                sent.addAndGet(PIECE);
                pour(stream);
            }
        });
    }

    /** Reads so much of an answer, or to its end, and then nothing. */
    private static final class Reader extends ChannelInboundHandlerAdapter {
        private volatile long most;
        private volatile long read;
        private volatile CompletableFuture<Void> stopped = new CompletableFuture<>();
        private Channel stream;

        private Reader(long most) {
            this.most = most;
        }

        static Reader of(TunnelWorld world, Claim claim, String path, long most) {
            Reader reader = new Reader(most);
            reader.stream = world.open(claim, reader);
            reader.stream.writeAndFlush(TunnelWorld.get(path));
            reader.stream.read();
            return reader;
        }

        void goOn(long more) {
            stopped = new CompletableFuture<>();
            most = read + more;
            stream.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpContent content) {
                ByteBuf bytes = content.content();
                read += bytes.readableBytes();
            }
            ReferenceCountUtil.release(message);
            if (read >= most || message instanceof LastHttpContent) {
                stopped.complete(null);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (!stopped.isDone()) {
                ctx.read();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            stopped.completeExceptionally(cause);
        }
    }
}
