package io.sallyport.tunnel.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Locale;

/** The end of a message that has trailers, over HTTP/2. */
public final class Http2Trailers {
    private Http2Trailers() {}

    /**
     * Writes what is left of the body and then the trailers, which end the stream. Their names become lower case (RFC 9113 §8.2.1).
     *
     * @param last is released
     */
    public static void write(ChannelHandlerContext ctx, LastHttpContent last, ChannelPromise promise) {
        if (last.content().isReadable()) {
            ctx.write(new DefaultHttp2DataFrame(last.content()));
        } else {
            last.release();
        }
        Http2Headers trailers = new DefaultHttp2Headers(false);
        last.trailingHeaders()
                .forEach(field -> trailers.add(field.getKey().toLowerCase(Locale.ROOT), field.getValue()));
        ctx.write(new DefaultHttp2HeadersFrame(trailers, true), promise);
    }
}
