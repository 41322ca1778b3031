package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.sallyport.tunnel.wire.Departures;
import io.sallyport.tunnel.wire.Precedence;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcFailure;
import io.sallyport.tunnel.wire.StreamCredit;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.UpdateConfiguration;
import io.sallyport.tunnel.wire.WideWindows;
import io.sallyport.tunnel.wire.WireRefusal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connections over UDP: one QUIC stream for each request, and the first one, which we open, for control. */
final class QuicTransport implements EdgeConnection.Transport {
    /** The name that the edge's certificate must have. */
    static final String SERVER_NAME = "quic.cftunnel.com";
    /** The protocol name of both ends. */
    static final String ALPN = "argotunnel";

    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration HEARTBEAT = Duration.ofMillis(1500);
    /**
     * Initial window of streams, in bytes; the library widens it for fast readers, within the budget of {@link
     * WideWindows}.
     */
    private static final int STREAM_WINDOW = 256 << 10;

    /** Bytes by which the windows of all uploads together may exceed that. */
    private static final long WINDOWS = 64 << 20;

    private static final int MOST_STREAMS = 16_384;
    private static final int LONGEST_RPC = 2 << 20;

    private final QuicSslContext tls;
    private final OurEnd ours;
    private final WideWindows windows = new WideWindows(WINDOWS);

    QuicTransport(QuicSslContext tls, OurEnd ours) {
        this.tls = tls;
        this.ours = ours;
    }

    @Override
    public CompletableFuture<EdgeConnection> open(EventLoop loop, InetSocketAddress edge) {
        CompletableFuture<EdgeConnection> opened = new CompletableFuture<>();
        InetSocketAddress chosen = ours.source();
        InetSocketAddress source = chosen == null ? new InetSocketAddress(0) : chosen;
        int longest = FirstHop.longestPayload(edge, source);
        Unreachable unreachable = new Unreachable(opened::completeExceptionally);
        Sockets.of(loop)
                .datagrams(longest)
                .group(loop)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel datagrams) {
                        datagrams.pipeline().addLast(unreachable, new Departures(), codec(edge, longest));
                    }
                })
                .bind(source)
                .addListener(bound -> {
                    if (bound.isSuccess()) {
                        connect(((ChannelFuture) bound).channel(), edge, longest, unreachable, opened);
                    } else {
                        opened.completeExceptionally(bound.cause());
                    }
                });
        return opened;
    }

    /** Connects the socket to this edge, so that the system reports when no process listens there. */
    private void connect(
            Channel datagrams,
            InetSocketAddress edge,
            int longest,
            Unreachable unreachable,
            CompletableFuture<EdgeConnection> opened) {
        datagrams.connect(edge).addListener(connected -> {
            if (connected.isSuccess()) {
                shakeHands(datagrams, edge, longest, unreachable, opened);
            } else {
                datagrams.close();
                opened.completeExceptionally(connected.cause());
            }
        });
    }

    private ChannelHandler codec(InetSocketAddress edge, int longest) {
        return new QuicClientCodecBuilder()
                .sslEngineProvider(quic -> tls.newEngine(quic.alloc(), SERVER_NAME, edge.getPort()))
                .maxIdleTimeout(IDLE.toSeconds(), TimeUnit.SECONDS)
                .congestionControlAlgorithm(QuicCongestionControlAlgorithm.CUBIC)
                .maxRecvUdpPayloadSize(longest)
                .maxSendUdpPayloadSize(longest)
                .discoverPmtu(true)
                .initialMaxData(StreamCredit.OF_A_CONNECTION)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamsBidirectional(MOST_STREAMS)
                .build();
    }

    private void shakeHands(
            Channel datagrams,
            InetSocketAddress edge,
            int longest,
            Unreachable unreachable,
            CompletableFuture<EdgeConnection> opened) {
        QuicChannel.newBootstrap(datagrams)
                .option(
                        QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                        Sockets.of(datagrams.eventLoop()).segments(longest))
                .handler(new Departures.AllStreams() {
                    @Override
                    public void handlerAdded(ChannelHandlerContext ctx) {
                        unreachable.over(ctx.channel());
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        ctx.close();
                    }
                })
                .streamOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        QuicStreamEnds.watch(stream);
                        stream.config().setAutoRead(false);
                        stream.pipeline().addLast(new FirstBytes());
                    }
                })
                .remoteAddress(edge)
                .connect()
                .addListener((Future<QuicChannel> connected) -> {
                    if (connected.isSuccess()) {
                        QuicChannel quic = connected.getNow();
                        quic.closeFuture().addListener(closed -> datagrams.close());
                        control(quic, edge, opened);
                    } else {
                        datagrams.close();
                        opened.completeExceptionally(connected.cause());
                    }
                });
    }

    private void control(QuicChannel quic, InetSocketAddress edge, CompletableFuture<EdgeConnection> opened) {
        ControlConversation control = ours.converse();
        quic.createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(new EndOfControl(), control);
                    }
                })
                .addListener((Future<QuicStreamChannel> created) -> {
                    if (created.isSuccess()) {
                        Precedence.control(created.getNow());
                        control.stayAlive(HEARTBEAT);
                        opened.complete(new EdgeConnection(Protocol.QUIC, quic, control, edge));
                    } else {
                        quic.close();
                        opened.completeExceptionally(created.cause());
                    }
                });
    }

    /** Reads a stream's signature and installs the handlers for its kind. */
    private final class FirstBytes extends ChannelInboundHandlerAdapter {
        private ByteBuf seen = Unpooled.EMPTY_BUFFER;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!(message instanceof ByteBuf bytes)) {
                ctx.fireChannelRead(message);
                return;
            }
            // The signature nearly always arrives in one piece; otherwise a few bytes are copied.
            ByteBuf in = seen.isReadable() ? Unpooled.wrappedBuffer(seen, bytes) : bytes;
            int start = in.readerIndex();
            StreamSignature signature;
            try {
                signature = StreamSignature.read(in).orElse(null);
            } catch (WireRefusal refused) {
                in.release();
                throw refused;
            }
            if (signature == null) {
                seen = Unpooled.copiedBuffer(in.slice(start, in.writerIndex() - start));
                in.release();
                return;
            }
            switch (signature) {
                case DATA -> ctx.pipeline().addLast(new QuicStreamCodec(windows), new Exchange(ours.proxy()));
                case RPC -> {
                    ctx.pipeline().addLast(new PushedConfiguration());
                    ctx.channel().config().setAutoRead(true);
                }
            }
            ctx.fireChannelRead(in);
            ctx.fireChannelReadComplete();
            ctx.pipeline().remove(this);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** An RPC conversation that the edge began to push rules. */
    private final class PushedConfiguration extends ChannelInboundHandlerAdapter implements RpcConnection.Service {
        private @Nullable RpcConnection rpc;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            rpc = new RpcConnection(ctx::writeAndFlush, this, LONGEST_RPC);
            ctx.executor().schedule(() -> ctx.close(), ours.rpcTimeout().toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes && rpc != null) {
                try {
                    rpc.receive(bytes);
                } catch (WireRefusal refused) {
                    ctx.close();
                } finally {
                    bytes.release();
                }
            }
        }

        @Override
        public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
            if (interfaceId == UpdateConfiguration.INTERFACE && method == UpdateConfiguration.METHOD) {
                UpdateConfiguration update = UpdateConfiguration.read(params);
                reply.results(ours.inbox().take(update.version(), update.json()).results());
            } else {
                reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "no such method"));
            }
        }

        @Override
        public void ended(String reason) {
            // the stream's end follows
        }
    }

    /** Ends our direction of the control stream when the conversation is over. */
    private static final class EndOfControl extends ChannelDuplexHandler {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ControlConversation.Farewell.INSTANCE) {
                ctx.writeAndFlush(DefaultQuicStreamFrame.EMPTY_FIN);
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }
    }
}
