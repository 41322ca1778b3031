package io.sallyport.tunnel;

import static io.sallyport.testkit.RawHttp2.framed;
import static io.sallyport.testkit.RawHttp2.repeated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TU-07: connectors that may be here and say far too much, while another one's requests are answered. */
class ConnectorFloodsIT extends OneWorld {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final byte[] OK = {(byte) 0x88}; // :status 200 from the static table

    private final Claim claim = world.tunnel();
    private final Claim neighbour = world.tunnel();
    private TestConnectorHttp2 hostile;

    @BeforeEach
    void dial() {
        world.dial(TunnelProtocol.HTTP2, neighbour).registered();
        hostile = (TestConnectorHttp2) world.dial(TunnelProtocol.HTTP2, claim).registered();
    }

    @AfterEach
    void theOtherConnectorServes() {
        assertThat(ask(neighbour)).as("somebody else's request").succeedsWithin(SOON);
    }

    static Stream<Arguments> lateFrames() {
        return Stream.of(
                Arguments.of("resets", 3, new byte[4]),
                Arguments.of("credit", 8, new byte[] {0, 0, 0x10, 0}),
                Arguments.of("empty data", 0, new byte[0]),
                Arguments.of("a byte of data", 0, new byte[1]),
                Arguments.of("heads", 1, OK));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lateFrames")
    void tu07FramesWithoutEndForAStreamThatIsOverEndTheConnection(String what, int type, byte[] payload) {
        byte[] frame = framed(type, type == 1 ? 0x4 : 0, streamThatIsOver(), payload);
        hostile.frames(repeated(frame, (type == 0 ? 60 : 20) * TunnelConnection.MOST_STREAMS));
        assertThat(hostile.closed()).as(what).succeedsWithin(SOON);
        await().untilAsserted(() -> assertThat(world.reasons.values()).anyMatch(why -> why.contains("closed streams")));
    }

    /** Visitors who leave all at once make every connector late. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("lateFrames")
    void someFramesForStreamsThatAreOverAreBorne(String what, int type, byte[] payload) {
        byte[] frame = framed(type, type == 1 ? 0x4 : 0, streamThatIsOver(), payload);
        hostile.frames(repeated(frame, TunnelConnection.MOST_STREAMS));
        assertThat(ask(claim)).as(what).succeedsWithin(SOON);
        assertThat(hostile.closed()).isNotDone();
    }

    @Test
    void tu07InterimAnswersWithoutEndFailTheirRequestAndNoOther() {
        hostile.answering(request -> {
            for (int i = 0; i < 1_000; i++) {
                request.stream().write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("103"), false));
            }
            request.stream().flush();
        });
        assertThat(failureOf(ask(claim))).isEqualTo(TunnelFailure.Kind.MALFORMED);
        hostile.answering(request -> request.answer(200, "ok"));
        assertThat(ask(claim)).succeedsWithin(SOON);
    }

    @Test
    void tu07ManyTrailersFailTheirRequestAndNoOther() {
        List<Field> trailers = Collections.nCopies(5_000, new Field("x-much", "more"));
        hostile.answering(request -> {
            request.head(200, List.of());
            request.end(trailers);
        });
        assertThat(failureOf(ask(claim))).isEqualTo(TunnelFailure.Kind.MALFORMED);
        hostile.answering(request -> request.answer(200, "ok"));
        assertThat(ask(claim)).succeedsWithin(SOON);
    }

    @Test
    void tu07TrailersLongerThanAnyHeadFailTheirRequest() {
        List<Field> trailers = Collections.nCopies(4_000, new Field("x-long", "m".repeat(1_000)));
        hostile.answering(request -> {
            request.head(200, List.of());
            request.end(trailers);
        });
        assertThat(failureOf(ask(claim))).isEqualTo(TunnelFailure.Kind.MALFORMED);
    }

    /** Each piece takes much more memory than it carries, and the stream's window would let half a million of them wait. */
    @Test
    void tu06SmallPiecesThatNobodyReadsEndTheirStreamAndNoOther() {
        Stalled visitor = new Stalled();
        int number = answeredTo(visitor);
        hostile.frames(repeated(framed(0, 0, number, new byte[1]), FrameBudget.MOST_UNREAD + 500));
        assertThat(failureOf(visitor.over)).isEqualTo(TunnelFailure.Kind.MALFORMED);
        hostile.answering(request -> request.answer(200, "ok"));
        assertThat(ask(claim)).succeedsWithin(SOON);
        assertThat(hostile.closed()).isNotDone();
    }

    @Test
    void anyNumberOfSmallPiecesIsBorneThatSomebodyReads() {
        Stalled visitor = new Stalled();
        int number = answeredTo(visitor);
        visitor.goesOn.set(true);
        visitor.stream.read();
        hostile.frames(repeated(framed(0, 0, number, new byte[1]), 10 * FrameBudget.MOST_UNREAD));
        hostile.frames(framed(0, 0x1, number, new byte[1]));
        assertThat(visitor.over).succeedsWithin(SOON);
        assertThat(visitor.bytes).hasValue(10 * FrameBudget.MOST_UNREAD + 1);
    }

    /** No window bounds what such frames carry. */
    @Test
    void tu06FramesOfNoKnownTypeAreNotKeptForAStreamThatNobodyReads() {
        Stalled visitor = new Stalled();
        int number = answeredTo(visitor);
        List<Object> kept = new CopyOnWriteArrayList<>();
        visitor.stream.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (message instanceof Http2UnknownFrame) {
                    kept.add(message.getClass());
                }
                ctx.fireChannelRead(message);
            }
        });
        hostile.frames(repeated(framed(0x7f, 0, number, new byte[10_000]), 100));
        hostile.frames(framed(0, 0x1, number, new byte[1]));
        visitor.goesOn.set(true);
        hostile.answering(request -> request.answer(200, "ok"));
        assertThat(ask(claim)).succeedsWithin(SOON);
        visitor.stream.read();
        assertThat(visitor.over).succeedsWithin(SOON);
        assertThat(kept).isEmpty();
    }

    /** Asks, and waits for the head of the answer. Returns the number of the stream. */
    private int answeredTo(Stalled visitor) {
        CompletableFuture<Integer> number = new CompletableFuture<>();
        hostile.answering(request -> {
            request.head(200, List.of());
            number.complete(((Http2StreamChannel) request.stream()).stream().id());
        });
        visitor.stream = send(claim, visitor);
        assertThat(visitor.head).succeedsWithin(SOON);
        return number.join();
    }

    /** A visitor who reads the head of an answer, and the rest when he goes on. */
    private static final class Stalled extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Object> head = new CompletableFuture<>();
        private final CompletableFuture<Object> over = new CompletableFuture<>();
        private final AtomicBoolean goesOn = new AtomicBoolean();
        private final AtomicInteger bytes = new AtomicInteger();
        private Channel stream;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpResponse) {
                head.complete(message);
            }
            if (message instanceof HttpContent content) {
                bytes.addAndGet(content.content().readableBytes());
            }
            ReferenceCountUtil.release(message);
            if (message instanceof LastHttpContent) {
                over.complete(message);
                ctx.close();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (goesOn.get()) {
                ctx.read();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            over.completeExceptionally(cause);
        }
    }

    private int streamThatIsOver() {
        CompletableFuture<Integer> number = new CompletableFuture<>();
        hostile.answering(request -> {
            number.complete(((Http2StreamChannel) request.stream()).stream().id());
            request.answer(200, "ok");
        });
        assertThat(ask(claim)).succeedsWithin(SOON);
        return number.join();
    }

    private static TunnelFailure.Kind failureOf(CompletableFuture<?> asked) {
        try {
            asked.get(SOON.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("an answer");
        } catch (ExecutionException failed) {
            return ((TunnelFailure) failed.getCause()).kind();
        } catch (TimeoutException neither) {
            throw new AssertionError(neither);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** A request; ends with its answer. */
    private static CompletableFuture<Object> ask(Claim tunnel) {
        CompletableFuture<Object> answered = new CompletableFuture<>();
        Channel stream = send(tunnel, new Asking(answered));
        answered.whenComplete((answer, failure) -> stream.close());
        return answered;
    }

    private static Channel send(Claim tunnel, ChannelHandler consumer) {
        Channel stream = world.open(tunnel, consumer);
        stream.writeAndFlush(TunnelWorld.get("/"));
        stream.read();
        return stream;
    }

    private static final class Asking extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Object> answered;

        Asking(CompletableFuture<Object> answered) {
            this.answered = answered;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            if (message instanceof LastHttpContent) {
                answered.complete(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            answered.completeExceptionally(cause);
        }
    }
}
