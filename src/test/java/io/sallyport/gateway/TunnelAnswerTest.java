package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

class TunnelAnswerTest {
    private final AtomicReference<TunnelAnswer> made = new AtomicReference<>();
    private final Disposable visitor = Mono.<TunnelAnswer>create(sink -> made.set(new TunnelAnswer(sink, () -> {})))
            .subscribe();
    private final TunnelAnswer answer = made.get();
    private final EmbeddedChannel stream = new EmbeddedChannel(answer);

    @AfterEach
    void leaves() {
        visitor.dispose();
    }

    private static DefaultHttpResponse head() {
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    }

    @Test
    void whatNobodyCameToReadIsReleased() {
        ByteBuf piece = Unpooled.copiedBuffer(new byte[10]);
        stream.writeInbound(head(), new DefaultHttpContent(piece));

        answer.end();

        assertThat(stream.isOpen()).isFalse();
        assertThat(piece.refCnt()).isZero();
    }

    @Test
    void aWholeAnswerThatNobodyCameToReadIsReleasedThoughItsStreamHasEnded() {
        ByteBuf whole = Unpooled.copiedBuffer(new byte[10]);
        stream.writeInbound(head(), new DefaultLastHttpContent(whole));
        stream.close();

        answer.end();

        assertThat(whole.refCnt()).isZero();
    }

    @Test
    void whatComesAfterTheEndIsReleased() {
        answer.end();
        ByteBuf late = Unpooled.copiedBuffer(new byte[10]);

        answer.channelRead(stream.pipeline().context(answer), new DefaultHttpContent(late));

        assertThat(late.refCnt()).isZero();
    }
}
