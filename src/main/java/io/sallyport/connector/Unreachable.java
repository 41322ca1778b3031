package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.PortUnreachableException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears of a machine that says nobody listens at its port (ICMP, RFC 9000 §14.2.1 with RFC 8085 §5.2), which only a socket that is
 * connected does. An attempt is over then. A connection is when that is said twice and nothing else arrived in between: an edge that
 * died is noticed at the next sign of life we give, and not when it has been silent for long. Stands before the codec.
 */
final class Unreachable extends ChannelInboundHandlerAdapter {
    private static final int ENOUGH = 2;

    private final Consumer<PortUnreachableException> attemptFailed;
    private @Nullable Channel connection;
    private int refusals;

    /** @param attemptFailed hears why there will be no connection */
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
