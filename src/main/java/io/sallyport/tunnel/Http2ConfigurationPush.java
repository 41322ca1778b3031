package io.sallyport.tunnel;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.Printable;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a connector its configuration over HTTP/2: a request whose body holds the version and the rules.
 */
final class Http2ConfigurationPush extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(Http2ConfigurationPush.class);
    /** Bytes of an answer that are kept; a good one has some forty. */
    private static final int LONGEST_ANSWER = 4 * 1024;
    /** Characters of an unexpected answer in the log. */
    private static final int LONGEST_SHOWN = 200;

    private static final long PATIENCE_SECONDS = 10;

    private final int version;
    private final String json;
    private final IntConsumer applied;

    Http2ConfigurationPush(int version, String json, IntConsumer applied) {
        this.version = version;
        this.json = json;
        this.applied = applied;
    }

    @Override
    protected void initChannel(Channel stream) {
        stream.pipeline().addLast(new Answer());
        stream.eventLoop().execute(() -> {
            stream.write(new DefaultHttp2HeadersFrame(
                    new DefaultHttp2Headers()
                            .method("PUT")
                            .scheme("http")
                            .authority("localhost:8080")
                            .path("/")
                            .set(TunnelHeaders.UPGRADE, String.valueOf(RequestKind.CONFIGURATION.upgrade())),
                    false));
            String body = "{\"version\":" + version + ",\"config\":" + json + "}";
            stream.writeAndFlush(new DefaultHttp2DataFrame(ByteBufUtil.writeUtf8(stream.alloc(), body), true));
        });
        stream.eventLoop().schedule(() -> stream.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Reads the connector's answer. When it refuses, {@code err} is an empty object, and the reason is lost.
     */
    private final class Answer extends ChannelInboundHandlerAdapter {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2DataFrame data && body.size() < LONGEST_ANSWER) {
                body.writeBytes(ByteBufUtil.getBytes(data.content()));
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            String answer = body.toString(StandardCharsets.UTF_8).strip();
            if (answer.equals("{\"lastAppliedVersion\":" + version + ",\"err\":null}")) {
                LOG.info("configuration {} is applied", version);
                applied.accept(version);
            } else {
                LOG.warn("configuration {} was answered with {}", version, Printable.of(answer, LONGEST_SHOWN));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
