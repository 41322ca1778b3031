package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.ConnectRequest;
import io.sallyport.tunnel.wire.ConnectResponse;
import io.sallyport.tunnel.wire.ConnectionType;
import io.sallyport.tunnel.wire.MessageFramer;
import io.sallyport.tunnel.wire.Metadata;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.SerializedHeaders;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.TunnelHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/** One request as the edge sends it, and what comes back, read by a test at its own pace. */
abstract class EdgeStream extends ChannelInboundHandlerAdapter {
    /** How a response began. */
    record Head(int status, String meta, List<Map.Entry<String, String>> fields) {
        List<String> all(String name) {
            return fields.stream()
                    .filter(field -> field.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .toList();
        }
    }

    /** What came after it. */
    sealed interface Event {
        record Bytes(byte[] bytes) implements Event {}

        record End(Map<String, String> trailers) implements Event {}

        record Broken(String how) implements Event {}
    }

    private final CompletableFuture<Head> head = new CompletableFuture<>();
    private final BlockingDeque<Event> events = new LinkedBlockingDeque<>();
    private boolean isOver;
    Channel channel;

    abstract void begin(
            Channel opened,
            RequestKind kind,
            String method,
            String host,
            String path,
            Map<String, String> headers,
            boolean end);

    abstract void write(byte[] bytes);

    abstract void end();

    abstract void cancel();

    Head head() {
        return head.orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** The next piece of the body, or its end. */
    Event next() {
        try {
            Event event = events.poll(30, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("nothing more came");
            }
            return event;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts bytes back that were read too far. */
    void unread(byte[] bytes) {
        events.addFirst(new Event.Bytes(bytes));
    }

    /** The whole body; fails when the stream breaks. */
    byte[] body() {
        head();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            switch (next()) {
                case Event.Bytes piece -> all.writeBytes(piece.bytes());
                case Event.End _ -> {
                    return all.toByteArray();
                }
                case Event.Broken broken -> throw new AssertionError("broken: " + broken.how());
            }
        }
    }

    String text() {
        return new String(body(), StandardCharsets.UTF_8);
    }

    /** Sends, maybe after a long wait; false when the stream ends before that. */
    boolean isTaken(byte[] bytes) {
        try {
            write(bytes);
            return true;
        } catch (Exception ended) { // what Netty throws here is checked, but not declared
            return false;
        }
    }

    /** As many bytes of the body. */
    byte[] read(int length) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < length) {
            if (next() instanceof Event.Bytes piece) {
                all.writeBytes(piece.bytes());
            } else {
                throw new AssertionError("the stream ended after " + all.size() + " bytes");
            }
        }
        return all.toByteArray();
    }

    void pause() {
        channel.config().setAutoRead(false);
    }

    void resume() {
        channel.config().setAutoRead(true);
    }

    void took(Head begun) {
        head.complete(begun);
    }

    void took(Event event) {
        if (!isOver) {
            isOver = !(event instanceof Event.Bytes);
            events.add(event);
            if (event instanceof Event.Broken broken) {
                head.completeExceptionally(new AssertionError("broken: " + broken.how()));
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        took(new Event.Broken("closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        took(new Event.Broken(String.valueOf(cause)));
    }

    static final class Http2 extends EdgeStream {
        @Override
        void begin(
                Channel opened,
                RequestKind kind,
                String method,
                String host,
                String path,
                Map<String, String> headers,
                boolean end) {
            channel = opened;
            Http2Headers head = new DefaultHttp2Headers()
                    .method(method)
                    .scheme("http")
                    .authority(host)
                    .path(path);
            headers.forEach((name, value) -> {
                if (!name.equals("transfer-encoding")) {
                    head.add(name, value);
                }
            });
            if (kind.upgrade() != null) {
                head.set(TunnelHeaders.UPGRADE, kind.upgrade());
            }
            if (kind == RequestKind.TCP) {
                head.set(TunnelHeaders.TCP_SOURCE, "203.0.113.9");
            }
            channel.writeAndFlush(new DefaultHttp2HeadersFrame(head, end));
        }

        @Override
        void write(byte[] bytes) {
            channel.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes)))
                    .syncUninterruptibly();
        }

        @Override
        void end() {
            channel.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        }

        @Override
        void cancel() {
            channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case Http2HeadersFrame frame
                when frame.headers().status() != null -> {
                    CharSequence serialised = frame.headers().get(TunnelHeaders.RESPONSE_HEADERS);
                    List<Map.Entry<String, String>> fields = new ArrayList<>();
                    SerializedHeaders.read(serialised == null ? "" : serialised.toString())
                            .forEach(field -> fields.add(Map.entry(field.name(), field.value())));
                    took(new Head(
                            Integer.parseInt(frame.headers().status().toString()),
                            String.valueOf(frame.headers().get(TunnelHeaders.RESPONSE_META)),
                            fields));
                    if (frame.isEndStream()) {
                        took(new Event.End(Map.of()));
                    }
                }
                case Http2HeadersFrame trailers -> {
                    Map<String, String> fields = new HashMap<>();
                    trailers.headers()
                            .forEach(field -> fields.put(
                                    field.getKey().toString(), field.getValue().toString()));
                    took(new Event.End(fields));
                }
                case Http2DataFrame data -> {
                    byte[] bytes = ByteBufUtil.getBytes(data.content());
                    if (bytes.length > 0) {
                        took(new Event.Bytes(bytes));
                    }
                    if (data.isEndStream()) {
                        took(new Event.End(Map.of()));
                    }
                    data.release();
                }
                default -> ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                took(new Event.Broken("reset " + reset.errorCode()));
            }
        }
    }

    static final class Quic extends EdgeStream {
        private final MessageFramer framer = new MessageFramer(4 << 20);
        private boolean isSigned;
        private boolean isBegun;

        @Override
        void begin(
                Channel opened,
                RequestKind kind,
                String method,
                String host,
                String path,
                Map<String, String> headers,
                boolean end) {
            channel = opened;
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            List<Metadata> metadata =
                    new ArrayList<>(List.of(new Metadata(Metadata.METHOD, method), new Metadata(Metadata.HOST, host)));
            headers.forEach((name, value) -> metadata.add(Metadata.header(name, value)));
            ConnectionType type = switch (kind) {
                case WEBSOCKET -> ConnectionType.WEBSOCKET;
                case TCP -> ConnectionType.TCP;
                default -> ConnectionType.HTTP;
            };
            String destination = kind == RequestKind.TCP ? host : "http://" + host + path;
            ByteBuf out = Unpooled.buffer();
            StreamSignature.DATA.write(out);
            out.writeBytes(new ConnectRequest(destination, type, metadata).write());
            channel.writeAndFlush(new DefaultQuicStreamFrame(out, end));
        }

        @Override
        void write(byte[] bytes) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(bytes)).syncUninterruptibly();
        }

        @Override
        void end() {
            channel.writeAndFlush(DefaultQuicStreamFrame.EMPTY_FIN);
        }

        @Override
        void cancel() {
            QuicStreamChannel stream = (QuicStreamChannel) channel;
            stream.shutdownInput(0);
            stream.shutdownOutput(0);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!(message instanceof ByteBuf bytes)) {
                return;
            }
            if (!isSigned) {
                isSigned = StreamSignature.read(bytes).orElseThrow() == StreamSignature.DATA;
            }
            if (!isBegun) {
                StructIn root = framer.next(bytes);
                if (root == null) {
                    bytes.release();
                    return;
                }
                isBegun = true;
                begun(ConnectResponse.read(root));
            }
            if (bytes.isReadable()) {
                took(new Event.Bytes(ByteBufUtil.getBytes(bytes)));
            }
            bytes.release();
        }

        private void begun(ConnectResponse response) {
            int status = response.error().isEmpty() ? 200 : 502;
            List<Map.Entry<String, String>> fields = new ArrayList<>();
            for (Metadata entry : response.metadata()) {
                if (entry.isHeader()) {
                    fields.add(Map.entry(entry.headerName(), entry.value()));
                } else if (entry.key().equals(Metadata.STATUS)) {
                    status = Integer.parseInt(entry.value());
                }
            }
            took(new Head(
                    // What HTTP/2 calls 200, so that a test can ask both the same.
                    status == 101 ? 200 : status,
                    response.error().isEmpty() ? "{\"src\":\"origin\"}" : "{\"src\":\"cloudflared\"}",
                    fields));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                took(new Event.End(Map.of()));
            }
        }
    }
}
