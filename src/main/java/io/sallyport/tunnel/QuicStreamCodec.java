package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.tunnel.wire.BodyReads;
import io.sallyport.tunnel.wire.ConnectRequest;
import io.sallyport.tunnel.wire.ConnectResponse;
import io.sallyport.tunnel.wire.ConnectionType;
import io.sallyport.tunnel.wire.Departures;
import io.sallyport.tunnel.wire.MessageFramer;
import io.sallyport.tunnel.wire.Metadata;
import io.sallyport.tunnel.wire.Precedence;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.WideWindows;
import io.sallyport.tunnel.wire.WireRefusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Converts HTTP objects to the bytes of one QUIC data stream and back. */
final class QuicStreamCodec extends StreamCodec {
    private static final Set<String> NOT_BEYOND_THE_EDGE = Set.of(
            "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host", "expect", "te");
    /** Bytes of an answer's head, as many as over HTTP/2 ({@link TunnelHttp2}). */
    private static final int LONGEST_HEAD = 2 << 20;
    /** Bytes with which a request's head begins to be written; a longer one makes its buffer grow. */
    private static final int USUAL_HEAD = 512;

    private static final int NO_ERROR = 0;

    private final ByteBuf signature = Unpooled.buffer(StreamSignature.LONGEST, StreamSignature.LONGEST);
    private final MessageFramer framer = new MessageFramer(LONGEST_HEAD);
    private final Precedence precedence = new Precedence();
    private final BodyReads reads;
    private final ChannelHandler consumer;
    private final BooleanSupplier marksEnds;
    private boolean hasBody;
    /** Whether {@link Metadata#MARKED_END} was asked for and has not come yet. */
    private boolean awaitsMark;

    /**
     * @param windows budget for widening the windows of streams that are read fast
     * @param marksEnds whether the connector knows {@link Metadata#MARKED_END}; asked on the event loop
     * @param consumer is put behind this codec
     */
    QuicStreamCodec(TunnelTraffic traffic, WideWindows windows, BooleanSupplier marksEnds, ChannelHandler consumer) {
        super(traffic);
        this.reads = new BodyReads(windows);
        this.marksEnds = marksEnds;
        this.consumer = consumer;
    }

    /** Sets the stream up. A bootstrap and an initializer would each put a handler in, and take it out again, for every request. */
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        QuicStreamChannel stream = stream(ctx);
        stream.config().setAutoRead(false).setAllowHalfClosure(true);
        QuicStreamEnds.watch(stream);
        ctx.pipeline().addLast(consumer);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (message) {
            case HttpRequest request -> send(ctx, request, promise);
            case LastHttpContent last
            when isOutputEnded && !last.content().isReadable() -> {
                last.release(); // FIN left with the head
                promise.setSuccess();
            }
            case HttpContent content -> send(ctx, content, promise);
            case ByteBuf bytes -> {
                traffic.sent(bytes.readableBytes());
                precedence.sends(ctx.channel(), bytes.readableBytes());
                Departures.watch(ctx.channel(), ctx.write(bytes, promise));
            }
            default -> ctx.write(message, promise);
        }
    }

    private void send(ChannelHandlerContext ctx, HttpRequest request, ChannelPromise promise) {
        isHeadWritten = true;
        Departures.together(ctx.channel());
        // Signature, version and message in one write: the connector reads the version with a single read.
        ByteBuf head = ctx.alloc().buffer(USUAL_HEAD);
        StreamSignature.DATA.write(head);
        ByteBuf message = head(request).write();
        head.writeBytes(message);
        message.release();
        precedence.sends(ctx.channel(), head.readableBytes());
        isOutputEnded = !hasBody || (request instanceof LastHttpContent && !asksForWebSocket);
        ctx.write(new DefaultQuicStreamFrame(head, isOutputEnded), promise).addListener(done -> {
            if (!done.isSuccess()) {
                fail(ctx, TunnelFailure.notSent("the request could not be written"));
            }
        });
        ReferenceCountUtil.release(request);
    }

    private void send(ChannelHandlerContext ctx, HttpContent content, ChannelPromise promise) {
        int length = content.content().readableBytes();
        traffic.sent(length);
        precedence.sends(ctx.channel(), length);
        isOutputEnded = content instanceof LastHttpContent;
        Departures.watch(
                ctx.channel(), ctx.write(new DefaultQuicStreamFrame(content.content(), isOutputEnded), promise));
        if (isOutputEnded && length == 0) {
            Departures.now(ctx.channel());
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
        Departures.soon(ctx.channel());
    }

    private ConnectRequest head(HttpRequest request) {
        method = request.method();
        asksForWebSocket = request.headers().contains(HttpHeaderNames.UPGRADE);
        hasBody = asksForWebSocket
                || HttpUtil.isTransferEncodingChunked(request)
                || HttpUtil.getContentLength(request, 0L) > 0;
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        List<Metadata> metadata = new ArrayList<>();
        metadata.add(new Metadata(Metadata.METHOD, method.name()));
        metadata.add(new Metadata(Metadata.HOST, host));
        for (Map.Entry<String, String> field : request.headers()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!NOT_BEYOND_THE_EDGE.contains(name)) {
                metadata.add(Metadata.header(field.getKey(), field.getValue()));
            }
        }
        if (HttpUtil.isTransferEncodingChunked(request)) {
            metadata.add(Metadata.header("Transfer-Encoding", "chunked"));
        }
        awaitsMark = !asksForWebSocket && marksEnds.getAsBoolean();
        if (awaitsMark) {
            metadata.add(Metadata.MARKED_END);
        }
        return new ConnectRequest(
                "http://" + host + request.uri(),
                asksForWebSocket ? ConnectionType.WEBSOCKET : ConnectionType.HTTP,
                metadata);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes) || isInputEnded) {
            ReferenceCountUtil.release(message);
            return;
        }
        reads.took(bytes.readableBytes());
        if (awaitsMark && stream(ctx).isInputShutdown()) { // which it is when the last byte is read
            awaitsMark = false;
            bytes.writerIndex(bytes.writerIndex() - 1);
        }
        try {
            BodyMeter body = meter == null ? head(ctx, bytes) : meter;
            if (body != null && bytes.isReadable()) {
                body(ctx, body, bytes);
            }
        } catch (TunnelFailure | WireRefusal refused) {
            fail(
                    ctx,
                    refused instanceof TunnelFailure ? refused : TunnelFailure.malformed("data that cannot be parsed"));
        } finally {
            bytes.release();
        }
    }

    private @Nullable BodyMeter head(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (signature.isWritable()) {
            signature.writeBytes(bytes, Math.min(bytes.readableBytes(), signature.writableBytes()));
            if (signature.isWritable()) {
                return null;
            }
            if (StreamSignature.read(signature)
                    .filter(StreamSignature.DATA::equals)
                    .isEmpty()) {
                throw TunnelFailure.malformed("a stream of another kind");
            }
        }
        StructIn root = framer.next(bytes);
        if (root == null) {
            return null;
        }
        HttpResponse response = response(ConnectResponse.read(root));
        isRaw = response.status().code() == 101;
        return answer(ctx, response);
    }

    private HttpResponse response(ConnectResponse head) {
        if (!head.error().isEmpty()) {
            throw head.metadata().contains(Metadata.FLOW_LIMITED) ? TunnelFailure.busy() : TunnelFailure.unanswered();
        }
        int status = -1;
        List<Field> fields = new ArrayList<>();
        for (Metadata each : head.metadata()) {
            if (each.isHeader()) {
                fields.add(new Field(each.headerName(), each.value()));
            } else if (each.key().equals(Metadata.STATUS) && status < 0) {
                status = AnswerHead.status(each.value());
            }
        }
        return AnswerHead.of(status, fields, asksForWebSocket);
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (meter == null) {
            ctx.read();
        } else {
            reads.read(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        reads.end();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            end(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    private void end(ChannelHandlerContext ctx) {
        BodyMeter body = meter;
        if (isInputEnded) {
            return;
        }
        if (body == null) {
            fail(ctx, TunnelFailure.lost("the connector ended the stream without an answer"));
        } else if (awaitsMark) {
            fail(ctx, TunnelFailure.lost("the connector ended the stream within its answer"));
        } else if (isRaw) {
            isInputEnded = true;
            ctx.channel().close();
        } else {
            try {
                body.end();
                isInputEnded = true;
                ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
            } catch (TunnelFailure tooShort) {
                fail(ctx, tooShort);
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(
                ctx,
                switch (cause) {
                    case QuicStreamResetException reset -> TunnelFailure.reset(reset.applicationProtocolCode());
                    case QuicException _ -> TunnelFailure.lost("the connector reset the stream");
                    default -> cause;
                });
    }

    @Override
    void abandon(ChannelHandlerContext ctx) {
        ctx.channel().close();
    }

    /**
     * Sends STOP_SENDING, which cancels the request at the origin; a reset of our own side would only end the upload.
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        QuicStreamChannel stream = stream(ctx);
        if (!stream.isActive()) {
            ctx.close(promise);
            return;
        }
        if (!stream.isInputShutdown()) {
            stream.shutdownInput(NO_ERROR);
        }
        if (!isOutputEnded && !isRaw && !stream.isOutputShutdown()) {
            stream.shutdownOutput(NO_ERROR);
        }
        ctx.close(promise);
        if (isRaw) {
            Departures.now(stream); // with the FIN
        }
    }

    private static QuicStreamChannel stream(ChannelHandlerContext ctx) {
        return (QuicStreamChannel) ctx.channel();
    }
}
