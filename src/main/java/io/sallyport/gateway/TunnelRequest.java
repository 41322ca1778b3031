package io.sallyport.gateway;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.sallyport.tunnel.TunnelAddress;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.tunnel.TunnelPath;
import java.util.ArrayList;
import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** A visitor's request on its way through a tunnel, and how far it has come in all attempts to send it. */
final class TunnelRequest {
    private final ServerWebExchange exchange;
    private final String target;
    private final TunnelAddress to;
    private final EdgeRequest edge;
    private final boolean hasBody;
    /** Changed by one attempt at a time. */
    private final List<TunnelPath> tried = new ArrayList<>();

    private volatile boolean isBodyBegun;
    private volatile boolean isAnswered;

    /** @param target path and query to request */
    TunnelRequest(ServerWebExchange exchange, String target, TunnelAddress to) {
        this.exchange = exchange;
        this.target = target;
        this.to = to;
        this.edge = EdgeRequest.of(exchange);
        this.hasBody = edge.isChunked() || edge.getHeaders().getContentLength() > 0;
    }

    ServerWebExchange exchange() {
        return exchange;
    }

    TunnelAddress to() {
        return to;
    }

    /** The paths over which it was sent, or should have been. */
    List<TunnelPath> tried() {
        return tried;
    }

    boolean hasBody() {
        return hasBody;
    }

    /** The head as it is sent: with an end when there is no body, so that both can leave together. */
    HttpRequest head() {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        headers.add(edge.fields());
        headers.remove(HttpHeaderNames.UPGRADE);
        HttpMethod method = HttpMethod.valueOf(edge.getMethod().name());
        if (!hasBody) {
            return new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1,
                    method,
                    target,
                    Unpooled.EMPTY_BUFFER,
                    headers,
                    LastHttpContent.EMPTY_LAST_CONTENT.trailingHeaders());
        }
        if (!headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers);
    }

    /** The visitor's body, which can be read once. */
    Flux<DataBuffer> body() {
        return edge.getBody();
    }

    /** The body is about to be read, so there is no second attempt. */
    void bodyBegins() {
        isBodyBegun = true;
    }

    /** The head of an answer has arrived. */
    void answered() {
        isAnswered = true;
        AccessRecord.of(exchange).upstreamAnswered();
    }

    /**
     * Whether it may be sent again after this failure. A request that was not sent may be, whatever its method. One that may have
     * arrived may be only when its method is safe: RFC 9110 §9.2.2 would allow all idempotent methods, but a second DELETE is
     * answered differently from the first.
     */
    boolean mayBeRepeated(Throwable failure) {
        if (isAnswered || isBodyBegun || !(failure instanceof TunnelFailure tunnel)) {
            return false;
        }
        return switch (tunnel.kind()) {
            case NOT_SENT -> true;
            case LOST -> OriginRouting.isSafe(edge.getMethod());
            case NO_CONNECTOR, ORIGIN, BUSY, MALFORMED -> false;
        };
    }
}
