package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.PortUnreachableException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Handles "port unreachable" messages of the edge's machine (ICMP, RFC 9000 §14.2.1 with RFC 8085 §5.2), which the system reports only on
 * connected sockets. One message ends a connection attempt. Two messages without a packet in between end an established connection. So
 * an edge whose process died is detected when we send the next packets, and not only by the idle timeout. Stands before the codec.
 */
final class Unreachable extends ChannelInboundHandlerAdapter {
    private static final int ENOUGH = 2;

    private final Consumer<PortUnreachableException> attemptFailed;
    private @Nullable Channel connection;
    private int refusals;

    /** @param attemptFailed receives the reason why the connection is closed */
    Unreachable(Consumer<PortUnreachableException> attemptFailed) {
        this.attemptFailed = attemptFailed;
    }

    /** The QUIC connection over this socket, which need not be open yet. */
    void over(Channel quic) {
        connection = quic;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        refusals = 0;
        ctx.fireChannelRead(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Channel quic = connection;
        if (!(cause instanceof PortUnreachableException refused)) {
            ctx.fireExceptionCaught(cause);
        } else if (quic != null && (!quic.isActive() || ++refusals >= ENOUGH)) {
            attemptFailed.accept(refused);
            quic.close();
        }
    }
}
