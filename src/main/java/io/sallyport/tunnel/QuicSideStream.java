package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.WireRefusal;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream that the connector opened beside its control stream, for RPC; we offer no methods there. */
final class QuicSideStream extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(QuicSideStream.class);
    private static final long PATIENCE_SECONDS = 5;

    private final QuicTransport transport;
    private final ByteBuf head = Unpooled.buffer(StreamSignature.LONGEST);
    private final RpcConnection rpc;
    private boolean isSigned;

    QuicSideStream(QuicTransport transport, QuicStreamChannel stream) {
        this.transport = transport;
        this.rpc = NoService.aside(stream::writeAndFlush);
        var ending = stream.eventLoop().schedule(() -> stream.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        stream.closeFuture().addListener(closed -> ending.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (isSigned) {
                rpc.receive(bytes);
                return;
            }
            head.writeBytes(bytes);
            var signature = StreamSignature.read(head);
            if (signature.isPresent()) {
                if (signature.get() != StreamSignature.RPC) {
                    throw new WireRefusal("a request from the wrong end");
                }
                isSigned = true;
                rpc.receive(head);
            }
        } catch (WireRefusal refused) {
            LOG.info("{} is disconnected: {}", transport.remoteAddress(), refused.getMessage());
            transport.close("it broke the protocol: " + refused.getMessage());
        } finally {
            bytes.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
