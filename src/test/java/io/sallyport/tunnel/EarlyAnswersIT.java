package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.testkit.TestConnector.Claim;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Answers that are whole before their request is, over HTTP/2, where the connector then says that it wants no more of it. */
class EarlyAnswersIT extends OneWorld {
    /** Of a request, which is never sent whole. */
    private static final int LENGTH = 1_000_000;

    private static final int BODY = 200_000;

    private final Claim claim = world.tunnel();

    /** Reads the head of an answer, and the rest when it is told to. */
    private static final class Reader extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<HttpResponse> head = new CompletableFuture<>();
        private final CompletableFuture<Integer> whole = new CompletableFuture<>();
        private final AtomicBoolean readsOn = new AtomicBoolean();
        private int bytes;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpResponse response) {
                head.complete(response);
            }
            if (message instanceof HttpContent content) {
                bytes += content.content().readableBytes();
            }
            if (message instanceof LastHttpContent) {
                whole.complete(bytes);
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (readsOn.get()) {
                ctx.read();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            whole.completeExceptionally(cause);
        }
    }

    private Channel upload(Reader reader, int length) {
        Channel stream = world.open(claim, reader);
        DefaultHttpRequest request = TunnelWorld.post();
        request.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        stream.writeAndFlush(request);
        stream.read();
        return stream;
    }

    @Test
    void whatIsUnreadOfAWholeAnswerSurvivesThatTheConnectorWantsNoMoreOfTheRequest() {
        AtomicReference<Channel> far = new AtomicReference<>();
        AtomicInteger unsent = new AtomicInteger();
        world.dial(TunnelProtocol.HTTP2, claim).registered().answering(request -> {
            far.set(request.stream());
            request.head(413, List.of());
        });
        Reader reader = new Reader();
        Channel stream = upload(reader, LENGTH);
        assertThat(reader.head).succeedsWithin(30, TimeUnit.SECONDS);

        unsent.set(2);
        for (boolean isLast : new boolean[] {false, true}) {
            far.get()
                    .writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[BODY]), isLast))
                    .addListener(sent -> unsent.decrementAndGet());
        }
        await().until(() -> unsent.get() == 0);
        far.get().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)).syncUninterruptibly();
        roundTrip();
        assertThat(reader.whole).as("nobody has read on").isNotDone();

        reader.readsOn.set(true);
        stream.read();
        assertThat(reader.whole).succeedsWithin(30, TimeUnit.SECONDS).isEqualTo(2 * BODY);
        stream.close().syncUninterruptibly();
    }

    @Test
    void anAnswerThatIsNotWholeIsLostAllTheSame() {
        AtomicReference<Channel> far = new AtomicReference<>();
        world.dial(TunnelProtocol.HTTP2, claim).registered().answering(request -> {
            far.set(request.stream());
            request.head(200, List.of());
        });
        Reader reader = new Reader();
        reader.readsOn.set(true);
        upload(reader, LENGTH);
        assertThat(reader.head).succeedsWithin(30, TimeUnit.SECONDS);

        far.get().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
        assertThat(reader.whole)
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(TunnelFailure.class);
    }

    /** Until another request on the connection is answered: what the connector said before it has arrived. */
    private void roundTrip() {
        Reader other = new Reader();
        Channel stream = upload(other, 1);
        assertThat(other.head).succeedsWithin(30, TimeUnit.SECONDS);
        stream.close().syncUninterruptibly();
    }
}
