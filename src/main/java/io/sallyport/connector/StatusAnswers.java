package io.sallyport.connector;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serves one connection to the status port. It is closed when a request or the reading of an answer takes too long, even if bytes keep
 * arriving.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a failed write ends its channel, and the channel's end is what is looked at
final class StatusAnswers extends ChannelInboundHandlerAdapter {
    /** Longest time from the beginning of the connection, or from one request, to the next request. */
    static final long PATIENCE_SECONDS = 10;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TEXT = "text/plain";
    private static final String JSON_TYPE = "application/json";

    private final Connector connector;
    private @Nullable Future<?> deadline;

    StatusAnswers(Connector connector) {
        this.connector = connector;
    }

    private record Answer(int status, String type, String text) {}

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        waits(ctx);
        ctx.fireChannelActive();
    }

    private void waits(ChannelHandlerContext ctx) {
        Future<?> before = deadline;
        if (before != null) {
            before.cancel(false);
        }
        deadline = ctx.executor().schedule(() -> ctx.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Future<?> running = deadline;
        if (running != null) {
            running.cancel(false);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpRequest request) {
                waits(ctx);
                respond(ctx, request);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void respond(ChannelHandlerContext ctx, HttpRequest request) {
        boolean isRead = request.decoderResult().isSuccess();
        boolean headOnly = request.method().equals(HttpMethod.HEAD);
        Answer answer;
        if (!isRead) {
            answer = new Answer(400, TEXT, "not understood\n");
        } else if (!headOnly && !request.method().equals(HttpMethod.GET)) {
            answer = new Answer(405, TEXT, "only GET and HEAD\n");
        } else {
            answer = answer(new QueryStringDecoder(request.uri()).path());
        }
        byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                headOnly ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.type())
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        // A request body would be read as the next request, or without end.
        boolean stays = isRead
                && HttpUtil.isKeepAlive(request)
                && !HttpUtil.isTransferEncodingChunked(request)
                && HttpUtil.getContentLength(request, 0L) == 0;
        if (!stays) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        var written = ctx.writeAndFlush(response);
        if (!stays) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private Answer answer(String path) {
        return switch (path) {
            case "/metrics" -> new Answer(200, "text/plain; version=0.0.4", connector.metricsText());
            case "/healthcheck" -> new Answer(200, TEXT, "OK\n");
            case "/ready" -> ready();
            case "/config" ->
                new Answer(
                        200,
                        JSON_TYPE,
                        "{\"version\":" + connector.configuration().version() + ",\"config\":"
                                + connector.configuration().json() + "}");
            case "/quicktunnel" -> new Answer(200, JSON_TYPE, "{\"hostname\":\"\"}");
            case "/diag/tunnel" -> new Answer(200, JSON_TYPE, tunnel());
            default -> new Answer(404, TEXT, "not found\n");
        };
    }

    private Answer ready() {
        int connections = connector.readyConnections();
        int status = connections > 0 ? 200 : 503;
        return new Answer(
                status,
                JSON_TYPE,
                "{\"status\":%d,\"readyConnections\":%d,\"connectorId\":\"%s\"}"
                        .formatted(status, connections, connector.id()));
    }

    private String tunnel() {
        ObjectNode document = JSON.createObjectNode()
                .put("tunnelID", connector.tunnelId().toString())
                .put("connectorID", connector.id().toString());
        ArrayNode connections = document.putArray("connections");
        for (int i = 0; i < connector.keepers().size(); i++) {
            EdgeConnection current = connector.keepers().get(i).current();
            Channel channel = current == null ? null : current.channel();
            ObjectNode entry = connections
                    .addObject()
                    .put("isConnected", channel != null && channel.isActive())
                    .put("index", i);
            if (current != null) {
                entry.put("protocol", current.protocol() == Protocol.QUIC ? 1 : 0)
                        .put("edgeAddress", current.edge().getAddress().getHostAddress());
            }
        }
        return JSON.writeValueAsString(document);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
