package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicTransportParameters;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.AttributeKey;
import io.sallyport.tunnel.wire.Departures;
import io.sallyport.tunnel.wire.Precedence;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.StreamCredit;
import io.sallyport.tunnel.wire.WideWindows;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts QUIC connections of connectors. */
final class QuicEdge {
    /** What connectors offer by ALPN. */
    static final String ALPN = "argotunnel";

    private static final Logger LOG = LoggerFactory.getLogger(QuicEdge.class);
    private static final long IDLE_SECONDS = 5;
    private static final long SETTLING_SECONDS = 5;
    /** Longest handshake. A peer could otherwise keep one open by sending something now and then. */
    private static final long HANDSHAKE_SECONDS = 10;

    private static final int STREAM_WINDOW = 512 * 1024;
    private static final int CONTROL_WINDOW = 64 * 1024;
    /** Bytes that the system takes in one call. */
    private static final int MOST_AT_ONCE = 64 << 10;

    /** Smallest packet size limit that a connector may announce (RFC 9000 §18.2). */
    private static final int SHORTEST_LIMIT = 1_200;

    private static final long CONTROL_STREAM = 0;
    /** Streams that a connector may have open at once; it needs one. */
    private static final int STREAMS = 8;

    private final Registrar registrar;
    private final Newcomers newcomers;
    private final WideWindows windows;

    /** @param windows budget for widening the windows of streams that are read fast */
    QuicEdge(Registrar registrar, Newcomers newcomers, WideWindows windows) {
        this.registrar = registrar;
        this.newcomers = newcomers;
        this.windows = windows;
    }

    /**
     * The handlers of a datagram channel. Requests in 0-RTT are not offered, and connections do not outlive their addresses.
     *
     * @param tls asked for each connection, because certificates are renewed
     * @param place of the channel among those of its port
     */
    ChannelHandler socket(Supplier<QuicSslContext> tls, QuicSockets.Place place) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel socket) {
                socket.pipeline().addLast(new FirstPackets(), new Departures(), codec(tls, place));
            }
        };
    }

    private ChannelHandler codec(Supplier<QuicSslContext> tls, QuicSockets.Place place) {
        return new QuicServerCodecBuilder()
                .sslEngineProvider(connection -> tls.get().newEngine(connection.alloc()))
                .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
                .initialMaxData(StreamCredit.OF_A_CONNECTION)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(CONTROL_WINDOW)
                .initialMaxStreamsBidirectional(STREAMS)
                .initialMaxStreamsUnidirectional(0)
                .maxRecvUdpPayloadSize(TunnelListeners.LONGEST_PACKET)
                .maxSendUdpPayloadSize(TunnelListeners.LONGEST_PACKET)
                .activeMigration(false)
                .discoverPmtu(true)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments(TunnelListeners.LONGEST_PACKET))
                .tokenHandler(place)
                .connectionIdAddressGenerator(place)
                .handler(new Arrival(place))
                .streamOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .streamHandler(new StreamArrival())
                .build();
    }

    private static SegmentedDatagramPacketAllocator segments(long longest) {
        return EpollQuicUtils.newSegmentedAllocator((int) (MOST_AT_ONCE / longest));
    }

    /**
     * Sets how many packets go to the system in one call: as many as fit, so more of them when the connector takes only
     * shorter ones.
     */
    private static void fit(QuicChannel channel) {
        QuicTransportParameters theirs = channel.peerTransportParameters();
        if (theirs != null && theirs.maxUdpPayloadSize() >= SHORTEST_LIMIT) {
            channel.config()
                    .setOption(
                            QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                            segments(Math.min(TunnelListeners.LONGEST_PACKET, theirs.maxUdpPayloadSize())));
        }
    }

    /** A new connection. */
    @ChannelHandler.Sharable
    private final class Arrival extends Departures.AllStreams {
        private final QuicSockets.Place place;

        Arrival(QuicSockets.Place place) {
            this.place = place;
        }

        /**
         * Called with the first packet, before the handshake, because half a handshake costs as much as a whole one.
         */
        @Override
        public void channelRegistered(ChannelHandlerContext ctx) {
            QuicChannel channel = (QuicChannel) ctx.channel();
            if (!newcomers.admit(channel, channel.remoteSocketAddress())) {
                channel.close();
                return;
            }
            place.count(channel);
            FirstWords.count(channel);
            channel.eventLoop()
                    .schedule(
                            () -> {
                                if (!channel.isActive()) {
                                    channel.close();
                                }
                            },
                            HANDSHAKE_SECONDS,
                            TimeUnit.SECONDS);
            ctx.fireChannelRegistered();
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            QuicChannel channel = (QuicChannel) ctx.channel();
            fit(channel);
            channel.attr(QuicTransport.ATTRIBUTE).set(new QuicTransport(channel, newcomers, windows));
            channel.eventLoop()
                    .schedule(
                            () -> {
                                if (!Boolean.TRUE.equals(
                                        channel.attr(CONTROLLED).get())) {
                                    channel.close();
                                }
                            },
                            SETTLING_SECONDS,
                            TimeUnit.SECONDS);
            ctx.fireChannelActive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            QuicTransport transport =
                    ctx.channel().attr(QuicTransport.ATTRIBUTE).get();
            if (event instanceof QuicConnectionCloseEvent && transport != null) {
                transport.leaves();
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.info("{} is disconnected: {}", ctx.channel().remoteAddress(), cause.toString());
            ctx.close();
        }
    }

    private static final AttributeKey<Boolean> CONTROLLED = AttributeKey.valueOf("sallyport.tunnel.controlled");

    /** Sets up a stream that the connector opened: its first one is the control stream. */
    @ChannelHandler.Sharable
    private final class StreamArrival extends ChannelInitializer<QuicStreamChannel> {
        @Override
        protected void initChannel(QuicStreamChannel stream) {
            QuicStreamEnds.watch(stream);
            QuicTransport transport =
                    stream.parent().attr(QuicTransport.ATTRIBUTE).get();
            if (transport == null) {
                stream.parent().close();
            } else if (stream.streamId() == CONTROL_STREAM) {
                stream.parent().attr(CONTROLLED).set(true);
                Precedence.control(stream);
                stream.pipeline().addLast(ReadWhileWritable.INSTANCE, new ControlStream(registrar, transport));
            } else {
                transport.sideStream(stream);
            }
        }
    }
}
