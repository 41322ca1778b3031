package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;

/**
 * Drops datagrams that ask for an answer and are shorter than RFC 9000 allows (§5.2.2, §14.1). The codec would answer
 * them before QUIC has validated them, with a Retry or a Version Negotiation packet. With a forged sender address that
 * is an amplification attack: the victim receives more bytes than the attacker sent (TU-08).
 */
final class FirstPackets extends ChannelInboundHandlerAdapter {
    /** Bytes of the shortest permitted first datagram. */
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

    /** Whether it is an Initial packet, or a packet of an unsupported version. */
    private static boolean asksForAnAnswer(ByteBuf datagram) {
        int at = datagram.readerIndex();
        return datagram.readableBytes() >= HEAD
                && (datagram.getByte(at) & LONG_HEADER) != 0
                && (datagram.getInt(at + 1) != VERSION_1 || (datagram.getByte(at) & TYPE) == 0);
    }
}
