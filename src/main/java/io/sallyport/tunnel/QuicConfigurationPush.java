package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.sallyport.tunnel.wire.Printable;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcConnection.Answer;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.UpdateConfiguration;
import io.sallyport.tunnel.wire.WireRefusal;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a connector its configuration over QUIC: one call on a stream of its own, which begins with the RPC signature. Over
 * HTTP/2 {@link Http2ConfigurationPush} does it.
 */
final class QuicConfigurationPush extends SimpleChannelInboundHandler<ByteBuf> {
    private static final Logger LOG = LoggerFactory.getLogger(QuicConfigurationPush.class);
    /** As long as a connector keeps such a stream. */
    private static final long PATIENCE_SECONDS = 5;

    private final int version;
    private final String json;
    private final IntConsumer applied;
    private @Nullable RpcConnection rpc;

    /** @param applied receives the version that the connector uses afterwards, on the event loop */
    QuicConfigurationPush(int version, String json, IntConsumer applied) {
        this.version = version;
        this.json = json;
        this.applied = applied;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ByteBuf signature = ctx.alloc().buffer(StreamSignature.LONGEST);
        StreamSignature.RPC.write(signature);
        ctx.write(signature);
        RpcConnection conversation = NoService.aside(ctx::writeAndFlush);
        rpc = conversation;
        conversation.call(
                UpdateConfiguration.INTERFACE,
                UpdateConfiguration.METHOD,
                new UpdateConfiguration(version, json.getBytes(StandardCharsets.UTF_8)).params(),
                answer -> answered(ctx, answer));
        ctx.executor().schedule(() -> ctx.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        ctx.fireChannelActive();
    }

    private void answered(ChannelHandlerContext ctx, Answer answer) {
        switch (answer) {
            case Answer.Results results -> {
                UpdateConfiguration.Applied said = UpdateConfiguration.Applied.read(results.content());
                if (said.error().isEmpty()) {
                    LOG.info("configuration {} is applied", said.latestAppliedVersion());
                    applied.accept(said.latestAppliedVersion());
                } else {
                    LOG.warn("configuration {} was refused: {}", version, Printable.of(said.error()));
                }
            }
            case Answer.Failed failed ->
                LOG.warn("configuration {} was not accepted: {}", version, Printable.of(failed.reason()));
        }
        RpcConnection conversation = rpc;
        if (conversation != null) {
            conversation.goodbye();
        }
        ((QuicStreamChannel) ctx.channel()).shutdownOutput();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
        try {
            if (rpc != null) {
                rpc.receive(bytes);
            }
        } catch (WireRefusal refused) {
            LOG.info("configuration {}: {}", version, refused.getMessage());
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
