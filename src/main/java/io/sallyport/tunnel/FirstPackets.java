package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;

/**
 * Drops datagrams that ask for an answer and are shorter than RFC 9000 allows (§5.2.2, §14.1). The codec answers them before QUIC has
 * looked: with a Retry, or with the versions it speaks. Whoever forges a sender would have us send that somebody more than it cost (TU-08).
 */
final class FirstPackets extends ChannelInboundHandlerAdapter {
    /** No client begins with less. */
    static final int SHORTEST = 1_200;

    private static final int LONG_HEADER = 0x80;
    private static final int TYPE = 0x30;
    private static final int HEAD = 5;
    private static final int VERSION_1 = 1;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet
                && packet.content().readableBytes() < SHORTEST
                && asksForAnAnswer(packet.content())) {
            packet.release();
            return;
        }
        ctx.fireChannelRead(message);
    }

    /** Whether it is an Initial packet, or of a version that we do not speak. */
    private static boolean asksForAnAnswer(ByteBuf datagram) {
        int at = datagram.readerIndex();
        return datagram.readableBytes() >= HEAD
                && (datagram.getByte(at) & LONG_HEADER) != 0
                && (datagram.getInt(at + 1) != VERSION_1 || (datagram.getByte(at) & TYPE) == 0);
    }
}
