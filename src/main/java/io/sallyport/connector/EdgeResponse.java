package io.sallyport.connector;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.sallyport.tunnel.wire.ResponseMeta;

/**
 * The head of a response to the edge, over either transport. Its body follows as for {@link EdgeRequest}.
 *
 * @param meta who made it
 */
record EdgeResponse(int status, HttpHeaders headers, ResponseMeta meta) {
    /** Without header fields. */
    static EdgeResponse bare(int status, ResponseMeta meta) {
        return new EdgeResponse(status, new DefaultHttpHeaders(), meta);
    }
}
