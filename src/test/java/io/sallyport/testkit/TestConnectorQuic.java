package io.sallyport.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sallyport.tunnel.wire.ConnectRequest;
import io.sallyport.tunnel.wire.ConnectResponse;
import io.sallyport.tunnel.wire.MessageFramer;
import io.sallyport.tunnel.wire.Metadata;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.UpdateConfiguration;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** {@link TestConnector} over QUIC. */
public final class TestConnectorQuic extends TestConnector {
    private final Channel socket;
    private final QuicChannel connection;
    private final boolean registers;
    private volatile Consumer<QuicStreamChannel> askedOn;

    private TestConnectorQuic(int port, Claim claim, boolean registers, Consumer<String> secrets) {
        super(claim);
        this.registers = registers;
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols("argotunnel")
                .keylog((engine, line) -> secrets.accept(line))
                .build();
        this.socket = new Bootstrap()
                .group(LOOPS)
                .channel(NioDatagramChannel.class)
                .handler(new QuicClientCodecBuilder()
                        .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), "quic.cftunnel.com", 7844))
                        .maxIdleTimeout(5, TimeUnit.SECONDS)
                        .initialMaxData(30 << 20)
                        .initialMaxStreamDataBidirectionalLocal(1 << 20)
                        .initialMaxStreamDataBidirectionalRemote(6 << 20)
                        .initialMaxStreamsBidirectional(1L << 40)
                        .build())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        this.connection = QuicChannel.newBootstrap(socket)
                .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                        return true;
                    }
                })
                .streamOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .streamHandler(new Arrival())
                .connect()
                .syncUninterruptibly()
                .getNow();
        connection.closeFuture().addListener(done -> {
            socket.close();
            closed.complete(null);
        });
        Control conversation = new Control(registers);
        QuicStreamChannel control = connection
                .createStream(QuicStreamType.BIDIRECTIONAL, conversation)
                .syncUninterruptibly()
                .getNow();
        control.eventLoop().execute(() -> conversation.begin(control));
    }

    /** Dials and registers. */
    public static TestConnectorQuic dial(int port, Claim claim) {
        return new TestConnectorQuic(port, claim, true, secret -> {});
    }

    /** Dials and says nothing on the control stream. */
    public static TestConnectorQuic silent(int port, Claim claim) {
        return new TestConnectorQuic(port, claim, false, secret -> {});
    }

    /** As {@link #dial} or {@link #silent}; the secrets of its connection are told, as lines of an NSS key log. */
    static TestConnectorQuic watched(int port, Claim claim, boolean registers, Consumer<String> secrets) {
        return new TestConnectorQuic(port, claim, registers, secrets);
    }

    /** Hands every stream over on which the edge asks something, instead of answering. */
    public TestConnectorQuic takingOver(Consumer<QuicStreamChannel> next) {
        askedOn = next;
        return this;
    }

    @Override
    public QuicChannel connection() {
        return connection;
    }

    /** Opens one more stream and writes this on it. */
    public QuicStreamChannel side(byte[] bytes) {
        QuicStreamChannel stream = connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                .syncUninterruptibly()
                .getNow();
        stream.writeAndFlush(Unpooled.wrappedBuffer(bytes));
        return stream;
    }

    @ChannelHandler.Sharable
    private final class Arrival extends ChannelInitializer<QuicStreamChannel> {
        @Override
        protected void initChannel(QuicStreamChannel stream) {
            stream.pipeline().addLast(new Stream());
        }
    }

    /** One stream from the edge: a request, or new rules. */
    private final class Stream extends ChannelInboundHandlerAdapter {
        private final ByteBuf pending = Unpooled.buffer();
        private final MessageFramer framer = new MessageFramer(2 << 20);
        private StreamSignature signature;
        private RpcConnection rpc;
        private QuicRequest request;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            pending.writeBytes(bytes);
            bytes.release();
            if (signature == null) {
                signature = StreamSignature.read(pending).orElse(null);
            }
            if (signature == StreamSignature.RPC) {
                rpc(ctx);
            } else if (signature == StreamSignature.DATA) {
                data(ctx);
            }
        }

        private void rpc(ChannelHandlerContext ctx) {
            if (askedOn != null) {
                pending.clear();
                askedOn.accept((QuicStreamChannel) ctx.channel());
                return;
            }
            if (rpc == null) {
                rpc = new RpcConnection(ctx::writeAndFlush, new Rules(), 1 << 20);
            }
            rpc.receive(pending);
        }

        private void data(ChannelHandlerContext ctx) {
            if (request == null) {
                StructIn root = framer.next(pending);
                if (root == null) {
                    return;
                }
                begin((QuicStreamChannel) ctx.channel(), ConnectRequest.read(root));
            }
            if (pending.isReadable()) {
                byte[] piece = new byte[pending.readableBytes()];
                pending.readBytes(piece);
                request.body.writeBytes(piece);
                request.onPiece.accept(piece);
            }
        }

        private void begin(QuicStreamChannel stream, ConnectRequest head) {
            requests.incrementAndGet();
            request = new QuicRequest(stream);
            request.kind = head.type().name();
            request.path = head.destination().replaceFirst("^http://[^/]*", "");
            for (Metadata each : head.metadata()) {
                if (each.isHeader()) {
                    request.fields.add(new Field(each.headerName(), each.value()));
                } else if (each.key().equals(Metadata.METHOD)) {
                    request.method = each.value();
                } else if (each.key().equals(Metadata.HOST)) {
                    request.host = each.value();
                }
            }
            script.accept(request);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent && request != null) {
                request.received.complete(null);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (request != null) {
                request.received.completeExceptionally(new AssertionError("broken off"));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (request != null) {
                request.received.completeExceptionally(cause);
            }
        }
    }

    /** Takes rules, and says so. */
    private final class Rules implements RpcConnection.Service {
        @Override
        public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
            UpdateConfiguration update = UpdateConfiguration.read(params);
            configurations.add(update.version() + ":" + new String(update.json(), StandardCharsets.UTF_8));
            reply.results(new UpdateConfiguration.Applied(update.version(), "").results());
        }

        @Override
        public void ended(String reason) {}
    }

    private static final class QuicRequest extends Request {
        private final QuicStreamChannel stream;

        QuicRequest(QuicStreamChannel stream) {
            this.stream = stream;
        }

        @Override
        public void head(int status, List<Field> headers) {
            List<Metadata> metadata = new ArrayList<>();
            metadata.add(new Metadata(Metadata.STATUS, String.valueOf(status)));
            headers.forEach(field -> metadata.add(Metadata.header(field.name(), field.value())));
            respond(new ConnectResponse("", metadata));
        }

        private void respond(ConnectResponse response) {
            ByteBuf head = Unpooled.buffer();
            StreamSignature.DATA.write(head);
            stream.writeAndFlush(head.writeBytes(response.write()));
        }

        @Override
        public void write(byte[] bytes) {
            stream.writeAndFlush(Unpooled.wrappedBuffer(bytes));
            if (!stream.isWritable()) {
                cancelled.complete(null); // all that Netty shows of STOP_SENDING is that the stream takes no more
            }
        }

        @Override
        public void end() {
            stream.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> stream.shutdownOutput());
        }

        @Override
        public void end(List<Field> trailers) {
            end();
        }

        @Override
        public void originUnreachable() {
            respond(new ConnectResponse("connection refused", List.of()));
            end();
        }

        @Override
        public void reset() {
            stream.shutdownOutput(0);
        }

        @Override
        public Channel stream() {
            return stream;
        }
    }
}
