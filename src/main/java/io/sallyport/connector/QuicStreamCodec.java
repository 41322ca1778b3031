package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.sallyport.tunnel.wire.BodyReads;
import io.sallyport.tunnel.wire.ConnectRequest;
import io.sallyport.tunnel.wire.ConnectResponse;
import io.sallyport.tunnel.wire.ConnectionType;
import io.sallyport.tunnel.wire.Departures;
import io.sallyport.tunnel.wire.MessageFramer;
import io.sallyport.tunnel.wire.Metadata;
import io.sallyport.tunnel.wire.Precedence;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.ResponseMeta;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.TunnelHeaders;
import io.sallyport.tunnel.wire.WideWindows;
import io.sallyport.tunnel.wire.WireRefusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One proxied request on a QUIC stream that the edge opened. Converts messages and bytes to heads and bodies. The stream's
 * signature has been read before.
 */
final class QuicStreamCodec extends ChannelDuplexHandler {
    /** Bytes of a request's head. */
    private static final int LONGEST_HEAD = 2 << 20;
    /** Bytes; a smaller body is copied behind the head, so that both leave in one or two packets. */
    private static final int SMALL_BODY = 4 << 10;

    private static final ByteBuf MARK =
            Unpooled.unreleasableBuffer(Unpooled.directBuffer(1, 1).writeZero(1));

    private final MessageFramer framer = new MessageFramer(LONGEST_HEAD);
    private final Precedence precedence = new Precedence();
    private final BodyReads reads;
    private boolean isRequestSeen;
    private boolean hasBody;
    /** Bytes of the body that are still to come; negative when only the FIN ends it. */
    private long rest = -1;

    private boolean isEnded;
    /** Whether the edge asked for {@link Metadata#MARKED_END}. */
    private boolean marksEnd;

    private @Nullable ByteBuf responseHead;
    private RequestKind kind = RequestKind.HTTP;

    /** @param windows the budget for streams that are read fast */
    QuicStreamCodec(WideWindows windows) {
        this.reads = new BodyReads(windows);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
        reads.took(bytes.readableBytes());
        boolean passedOn = false;
        try {
            if (!isRequestSeen) {
                StructIn head = framer.next(bytes);
                if (head == null) {
                    ctx.read();
                    return;
                }
                isRequestSeen = true;
                request(ctx, ConnectRequest.read(head));
            }
            if (bytes.isReadable() && hasBody && !isEnded) {
                passedOn = true;
                body(ctx, bytes);
            } else if (bytes.isReadable()) {
                throw new WireRefusal("a body follows a request that announced none, or has ended");
            }
        } finally {
            if (!passedOn) {
                bytes.release();
            }
        }
    }

    private void body(ChannelHandlerContext ctx, ByteBuf bytes) {
        boolean isLast = rest == bytes.readableBytes();
        rest -= bytes.readableBytes(); // below zero if it is too long, which the exchange answers
        ctx.fireChannelRead(new DefaultHttpContent(bytes));
        if (isLast) {
            requestEnds(ctx);
        }
    }

    /** The FIN may come later. */
    private void requestEnds(ChannelHandlerContext ctx) {
        isEnded = true;
        ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        ctx.read(); // for the end of the stream, or its reset, by which cancels are noticed
    }

    private void request(ChannelHandlerContext ctx, ConnectRequest request) {
        kind = switch (request.type()) {
            case HTTP -> RequestKind.HTTP;
            case WEBSOCKET -> RequestKind.WEBSOCKET;
            case TCP -> RequestKind.TCP;
        };
        String method = value(request, Metadata.METHOD, "GET");
        String target = request.type() == ConnectionType.TCP ? "/" : target(request.destination());
        DefaultHttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target);
        boolean chunked = false;
        for (Metadata entry : request.metadata()) {
            if (entry.isHeader()) {
                String name = entry.headerName().toLowerCase(Locale.ROOT);
                if (name.equals("transfer-encoding")) {
                    chunked |= entry.value().toLowerCase(Locale.ROOT).contains("chunked");
                } else if (!Hops.isHop(name) && !name.equals(TunnelHeaders.UPGRADE)) {
                    head.headers().add(entry.headerName(), entry.value());
                }
            }
        }
        head.headers()
                .set(
                        HttpHeaderNames.HOST,
                        kind == RequestKind.TCP ? request.destination() : value(request, Metadata.HOST, ""));
        marksEnd = kind == RequestKind.HTTP && request.metadata().contains(Metadata.MARKED_END);
        // How the protocol over QUIC tells whether a body follows.
        long length = Hops.contentLength(head.headers());
        hasBody = kind != RequestKind.HTTP || chunked || length > 0;
        rest = kind == RequestKind.HTTP && !chunked ? length : -1;
        ctx.fireChannelRead(new EdgeRequest(kind, head, hasBody));
        if (!hasBody) {
            requestEnds(ctx);
        } else {
            watch(ctx); // while the origin takes nothing, the stream is not read, and a reset not noticed
        }
    }

    private static String value(ConnectRequest request, String key, String otherwise) {
        for (Metadata entry : request.metadata()) {
            if (entry.key().equals(key) && !entry.value().isEmpty()) {
                return entry.value();
            }
        }
        return otherwise;
    }

    /** Path and query exactly as received; a URI parser would refuse some that browsers send, and change others. */
    private static String target(String url) {
        int scheme = url.indexOf("://");
        int path = url.indexOf('/', scheme < 0 ? 0 : scheme + 3);
        int query = url.indexOf('?');
        if (path < 0 || (query >= 0 && query < path)) {
            return query < 0 ? "/" : "/" + url.substring(query);
        }
        return url.substring(path);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event == CancelWatch.Unwanted.BYTES && kind == RequestKind.HTTP) {
            QuicStreamEnds.abandon(ctx.channel());
            return;
        }
        if (event == ChannelInputShutdownReadComplete.INSTANCE) {
            if (!isRequestSeen) {
                ctx.close();
            } else {
                watch(ctx);
                if (!isEnded) {
                    isEnded = true;
                    ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
                    ctx.fireChannelReadComplete();
                }
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    private static void watch(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof QuicStreamChannel stream && stream.isActive()) {
            CancelWatch.of(stream.parent()).watch(stream);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        switch (message) {
            case EdgeResponse response -> {
                keep(ctx, response);
                promise.setSuccess();
            }
            case LastHttpContent last -> end(ctx, last, promise);
            case HttpContent content -> {
                precedence.sends(ctx.channel(), content.content().readableBytes());
                ChannelFuture written = ctx.write(behindHead(content.content()), promise);
                Departures.watch(ctx.channel(), written);
                // It fails usually because of STOP_SENDING: the response is not wanted any more.
                written.addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            }
            case StreamAbort abort -> {
                QuicStreamEnds.abandon(ctx.channel(), (int) abort.code());
                promise.setSuccess();
            }
            default -> {
                sendHead(ctx);
                Departures.watch(ctx.channel(), ctx.write(message, promise));
            }
        }
    }

    /** Keeps the head until the next write or flush: head and body of a small response leave together. */
    private void keep(ChannelHandlerContext ctx, EdgeResponse response) {
        ByteBuf out = ctx.alloc().buffer();
        StreamSignature.DATA.write(out);
        ByteBuf head = response(response).write();
        out.writeBytes(head);
        head.release();
        responseHead = out;
        precedence.sends(ctx.channel(), out.readableBytes());
    }

    /** Sends the FIN with the last bytes, because shutting down the output could overtake them. */
    private void end(ChannelHandlerContext ctx, LastHttpContent last, ChannelPromise promise) {
        boolean isBare = responseHead == null && !last.content().isReadable() && !marksEnd;
        if (!isBare) {
            Departures.together(ctx.channel());
        }
        boolean isOurs = isSmall(last.content());
        ByteBuf content = behindHead(last.content());
        ByteBuf whole = marksEnd ? marked(content, isOurs) : content;
        ChannelFuture written = ctx.write(new DefaultQuicStreamFrame(whole, true), promise);
        Departures.watch(ctx.channel(), written);
        written.addListener(done -> discardRest(ctx));
        if (isBare) {
            Departures.now(ctx.channel());
        }
    }

    /** @param isOurs whether nobody else uses the memory behind these bytes */
    private static ByteBuf marked(ByteBuf bytes, boolean isOurs) {
        return isOurs ? bytes.writeByte(0) : Unpooled.wrappedBuffer(bytes, MARK.duplicate());
    }

    /** Whether it is copied behind the head. */
    private boolean isSmall(ByteBuf content) {
        return responseHead != null && content.readableBytes() <= SMALL_BODY;
    }

    private ByteBuf behindHead(ByteBuf content) {
        ByteBuf head = responseHead;
        if (head == null) {
            return content;
        }
        boolean isSmall = isSmall(content);
        responseHead = null;
        if (!isSmall) {
            return Unpooled.wrappedBuffer(head, content);
        }
        head.writeBytes(content);
        content.release();
        return head;
    }

    private void sendHead(ChannelHandlerContext ctx) {
        ByteBuf head = responseHead;
        if (head != null) {
            responseHead = null;
            ctx.write(head).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
    }

    /** Closing sends the FIN of a stream that carries bytes. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
        boolean isBare = kind != RequestKind.HTTP && ctx.channel().isActive();
        ctx.close(promise);
        if (isBare) {
            Departures.now(ctx.channel());
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        sendHead(ctx);
        ctx.flush();
        Departures.soon(ctx.channel());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        reads.end();
        if (ctx.channel() instanceof QuicStreamChannel stream) {
            CancelWatch.of(stream.parent()).forget(stream);
        }
        if (responseHead != null) {
            responseHead.release();
            responseHead = null;
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!isRequestSeen || !hasBody || isEnded) {
            ctx.read();
        } else {
            reads.read(ctx);
        }
    }

    private ConnectResponse response(EdgeResponse response) {
        if (response.meta() != ResponseMeta.ORIGIN && kind != RequestKind.TCP) {
            return new ConnectResponse("the connector could not reach the origin", List.of());
        }
        if (kind == RequestKind.TCP) {
            List<Metadata> limited =
                    response.meta() == ResponseMeta.FLOW_LIMITED ? List.of(Metadata.FLOW_LIMITED) : List.of();
            return new ConnectResponse(response.status() == 200 ? "" : "the connection was refused", limited);
        }
        List<Metadata> metadata = new ArrayList<>();
        metadata.add(new Metadata(Metadata.STATUS, Integer.toString(response.status())));
        response.headers().forEach(field -> metadata.add(Metadata.header(field.getKey(), field.getValue())));
        return new ConnectResponse("", metadata);
    }

    /**
     * Tells the edge that the rest of the request's body is not wanted. The edge may answer with a reset, which is
     * ignored.
     */
    private void discardRest(ChannelHandlerContext ctx) {
        if (!isEnded && ctx.channel() instanceof QuicStreamChannel stream && stream.isActive()) {
            stream.shutdownInput(0);
            stream.close();
        }
    }

    /** A reset: the request was cancelled, and an answer would wait for flow-control credit for ever. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (cause instanceof QuicException) {
            QuicStreamEnds.abandon(ctx.channel());
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }
}
