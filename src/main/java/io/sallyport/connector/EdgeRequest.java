package io.sallyport.connector;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.sallyport.tunnel.wire.RequestKind;

/**
 * The head of a request from the edge, over either transport. Its body follows as {@link
 * io.netty.handler.codec.http.HttpContent}, up to a {@link io.netty.handler.codec.http.LastHttpContent}; of a WebSocket or raw TCP
 * these are the bytes themselves.
 *
 * @param kind HTTP, WEBSOCKET or TCP
 * @param head with {@code Host}; for raw TCP the address is in {@code Host} and the rest is not used
 * @param hasBody whether a body can follow
 */
record EdgeRequest(RequestKind kind, HttpRequest head, boolean hasBody) {
    /** The {@code Host} as it came; empty when there is none. */
    String host() {
        String host = head.headers().get(HttpHeaderNames.HOST);
        return host == null ? "" : host;
    }
}
