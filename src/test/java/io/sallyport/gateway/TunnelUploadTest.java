package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.publisher.Flux;

class TunnelUploadTest {
    private static final NettyDataBufferFactory BUFFERS = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);

    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicBoolean isCancelled = new AtomicBoolean();

    /** A stream whose other end takes nothing more, and has not answered. */
    private static EmbeddedChannel refusing() {
        return new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new IllegalStateException("not wanted"));
            }
        });
    }

    private void upload(EmbeddedChannel stream) {
        DataBuffer piece = BUFFERS.wrap(new byte[10]);
        Flux.just(piece)
                .concatWith(Flux.never())
                .doOnCancel(() -> isCancelled.set(true))
                .subscribe(new TunnelUpload(stream, ends::incrementAndGet));
        stream.runPendingTasks();
    }

    @Test
    void anOriginThatWantsNoMoreOfABodyMustAnswerInTimeAllTheSame() {
        upload(refusing());

        assertThat(isCancelled).isTrue();
        assertThat(ends).as("the answer's deadline began").hasValue(1);
    }

    @Test
    void aStreamThatIsClosedHasNoAnswerToWaitFor() {
        EmbeddedChannel stream = refusing();
        stream.close();

        upload(stream);

        assertThat(isCancelled).isTrue();
        assertThat(ends).hasValue(0);
    }
}
