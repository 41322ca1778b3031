package io.sallyport.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.ResponseMeta;
import io.sallyport.tunnel.wire.SerializedHeaders;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLException;

/** {@link TestConnector} over TCP, TLS and HTTP/2 in the server's role, frames as cloudflared sends them. */
public final class TestConnectorHttp2 extends TestConnector {
    private final Channel connection;
    private final boolean registers;

    private TestConnectorHttp2(int port, Claim claim, boolean registers) {
        this(port, claim, registers, "test", "linux_amd64");
    }

    private TestConnectorHttp2(int port, Claim claim, boolean registers, String version, String architecture) {
        super(claim, version, architecture);
        this.registers = registers;
        this.connection = new Bootstrap()
                .group(LOOPS)
                .channel(NioSocketChannel.class)
                .handler(new Dial(tls()))
                .connect(InetAddress.getLoopbackAddress(), port)
                .syncUninterruptibly()
                .channel();
        connection.closeFuture().addListener(done -> closed.complete(null));
    }

    /** Dials and registers. */
    public static TestConnectorHttp2 dial(int port, Claim claim) {
        return new TestConnectorHttp2(port, claim, true);
    }

    /** Dials and registers, and says of itself what it likes. */
    public static TestConnectorHttp2 dial(int port, Claim claim, String version, String architecture) {
        return new TestConnectorHttp2(port, claim, true, version, architecture);
    }

    /** Dials and says nothing on the control stream. */
    public static TestConnectorHttp2 silent(int port, Claim claim) {
        return new TestConnectorHttp2(port, claim, false);
    }

    private static SslContext tls() {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .build();
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Channel connection() {
        return connection;
    }

    /** Writes bytes past the codec, into TLS: frames that Netty would never send. */
    public void frames(byte[] bytes) {
        connection
                .eventLoop()
                .execute(() -> connection
                        .pipeline()
                        .context(Http2FrameCodec.class)
                        .writeAndFlush(Unpooled.wrappedBuffer(bytes)));
    }

    private final class Dial extends ChannelInitializer<Channel> {
        private final SslContext tls;

        Dial(SslContext tls) {
            this.tls = tls;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline()
                    .addLast(
                            tls.newHandler(channel.alloc(), "h2.cftunnel.com", 7844),
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                                    if (event == SslHandshakeCompletionEvent.SUCCESS) {
                                        ctx.pipeline().addLast(codec(), new Http2MultiplexHandler(new Arrival()));
                                        ctx.flush();
                                    }
                                }

                                @Override
                                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                    ctx.close();
                                }
                            });
        }
    }

    private static ChannelHandler codec() {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(new Http2Settings()
                        .maxFrameSize(1 << 20)
                        .maxConcurrentStreams(4_294_967_295L)
                        .maxHeaderListSize(1_048_896)
                        .initialWindowSize(1 << 20))
                .decoderEnforceMaxRstFramesPerWindow(0, 0)
                .encoderEnforceMaxRstFramesPerWindow(0, 0)
                .encoderIgnoreMaxHeaderListSize(true)
                .build();
    }

    private final class Arrival extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            stream.pipeline().addLast(new Stream());
        }
    }

    /** One stream from the edge, of whatever kind. */
    private final class Stream extends ChannelDuplexHandler {
        private RequestKind kind = RequestKind.HTTP;
        private Http2Request request;
        private final ByteBuf pushed = Unpooled.buffer();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                switch (message) {
                    case Http2HeadersFrame head -> head(ctx, head);
                    case Http2DataFrame data -> data(ctx, data);
                    default -> {}
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void head(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
            Http2Headers headers = frame.headers();
            kind = RequestKind.of(
                    text(headers.get(TunnelHeaders.UPGRADE)), text(headers.get(TunnelHeaders.TCP_SOURCE)));
            switch (kind) {
                case CONTROL -> {
                    ctx.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"), false));
                    Control conversation = new Control(registers);
                    ctx.pipeline().addLast(conversation);
                    conversation.begin(ctx.channel());
                }
                case CONFIGURATION -> {}
                case WEBSOCKET, TCP, HTTP -> {
                    requests.incrementAndGet();
                    Http2Request each = new Http2Request(ctx.channel());
                    request = each;
                    each.kind = kind.name();
                    each.method = String.valueOf(headers.method());
                    each.host = String.valueOf(headers.authority());
                    each.path = String.valueOf(headers.path());
                    headers.forEach(field -> each.fields.add(new Field(
                            field.getKey().toString(), field.getValue().toString())));
                    if (frame.isEndStream()) {
                        each.received.complete(null);
                    }
                    script.accept(each);
                }
            }
        }

        private void data(ChannelHandlerContext ctx, Http2DataFrame data) {
            switch (kind) {
                case CONTROL -> ctx.fireChannelRead(data.content().retain());
                case CONFIGURATION -> {
                    pushed.writeBytes(data.content());
                    if (data.isEndStream()) {
                        configured(ctx);
                    }
                }
                case WEBSOCKET, TCP, HTTP -> {
                    byte[] piece = new byte[data.content().readableBytes()];
                    data.content().readBytes(piece);
                    request.body.writeBytes(piece);
                    request.onPiece.accept(piece);
                    if (data.isEndStream()) {
                        request.received.complete(null);
                    }
                }
            }
        }

        private void configured(ChannelHandlerContext ctx) {
            String body = pushed.toString(StandardCharsets.UTF_8);
            String version = body.replaceAll("^\\{\"version\":(-?[0-9]+),.*$", "$1");
            configurations.add(version + ":" + body.replaceAll("^\\{\"version\":-?[0-9]+,\"config\":(.*)}$", "$1"));
            ctx.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"), false));
            ctx.writeAndFlush(new DefaultHttp2DataFrame(
                    Unpooled.copiedBuffer(
                            "{\"lastAppliedVersion\":" + version + ",\"err\":null}", StandardCharsets.UTF_8),
                    true));
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ctx.write(message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message, promise);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame && request != null) {
                request.cancelled.complete(null);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (request != null) {
                request.received.completeExceptionally(new AssertionError("broken off"));
            }
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private static String text(CharSequence value) {
        return value == null ? null : value.toString();
    }

    private static final class Http2Request extends Request {
        private final Channel stream;

        Http2Request(Channel stream) {
            this.stream = stream;
        }

        @Override
        public void head(int status, List<Field> headers) {
            Http2Headers head = new DefaultHttp2Headers()
                    .status(status == 101 ? "200" : String.valueOf(status))
                    .set(TunnelHeaders.RESPONSE_HEADERS, SerializedHeaders.write(headers))
                    .set(TunnelHeaders.RESPONSE_META, ResponseMeta.ORIGIN.json());
            stream.writeAndFlush(new DefaultHttp2HeadersFrame(head, false));
        }

        @Override
        public void write(byte[] bytes) {
            stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes)));
        }

        @Override
        public void end() {
            stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        }

        @Override
        public void end(List<Field> trailers) {
            Http2Headers block = new DefaultHttp2Headers(false);
            trailers.forEach(field -> block.add(field.name(), field.value()));
            stream.writeAndFlush(new DefaultHttp2HeadersFrame(block, true));
        }

        @Override
        public void originUnreachable() {
            stream.writeAndFlush(new DefaultHttp2HeadersFrame(
                    new DefaultHttp2Headers()
                            .status("502")
                            .set(TunnelHeaders.RESPONSE_META, ResponseMeta.CONNECTOR.json()),
                    true));
        }

        @Override
        public void reset() {
            stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
        }

        @Override
        public Channel stream() {
            return stream;
        }
    }
}
