package io.sallyport.connector;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.sallyport.tunnel.wire.ResponseMeta;

/**
 * The head of a response to the edge, over either transport. Its body follows as for {@link EdgeRequest}.
 *
 * @param meta who made it
 */
record EdgeResponse(int status, HttpHeaders headers, ResponseMeta meta) {
    /**
     * An origin's, without the fields that are no business of the edge: those of the connection to the origin, those that edge and
     * connector use between them, and those that the codec for HTTP/2 origins added.
     *
     * @param isSwitching whether the connection becomes a byte stream; the edge then needs the fields of the handshake
     */
    static EdgeResponse of(HttpResponse answer, boolean isSwitching) {
        // The codec has validated them.
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        answer.headers().forEach(field -> {
            String name = field.getKey();
            boolean isHandshake =
                    isSwitching && (name.equalsIgnoreCase("connection") || name.equalsIgnoreCase("upgrade"));
            if (isHandshake || (!Hops.isKeptFromEdge(name) && !name.startsWith("x-http2-"))) {
                headers.add(name, field.getValue());
            }
        });
        return new EdgeResponse(answer.status().code(), headers, ResponseMeta.ORIGIN);
    }

    /** Without header fields. */
    static EdgeResponse bare(int status, ResponseMeta meta) {
        return new EdgeResponse(status, new DefaultHttpHeaders(), meta);
    }
}
