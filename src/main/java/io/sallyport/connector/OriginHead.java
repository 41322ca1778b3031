package io.sallyport.connector;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.sallyport.tunnel.wire.RequestKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Builds the head of a request for the origin: without hop-by-hop fields, with our own framing, and with the host that
 * the rule sets.
 */
final class OriginHead {
    private static final Set<HttpMethod> USUALLY_BODILESS =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.DELETE, HttpMethod.TRACE);

    private static final int LONG_VALUE = 16;

    private OriginHead() {}

    /**
     * Builds the head.
     *
     * @param tags sent along, names without their prefix
     * @throws IllegalArgumentException when the edge announced a body and none follows
     */
    static HttpRequest of(EdgeRequest request, OriginSettings settings, Map<String, String> tags) {
        HttpRequest from = request.head();
        HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, from.method(), from.uri());
        HttpHeaders headers = head.headers();
        List<String> taken = named(from.headers());
        for (Map.Entry<String, String> field : from.headers()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!Hops.isHop(name)
                    && !taken.contains(name)
                    && !name.equals("expect")
                    && !name.startsWith("cf-trace-id")) {
                headers.add(field.getKey(), inBytes(field.getValue()));
            }
        }
        if (from.headers().contains(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true)) {
            headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
        }
        if (!settings.httpHostHeader().isEmpty()) {
            headers.set("X-Forwarded-Host", request.host());
            headers.set(HttpHeaderNames.HOST, settings.httpHostHeader());
        }
        tags.forEach((name, value) -> headers.set("Cf-Warp-Tag-" + name, value));
        frame(request, head.method(), headers);
        return head;
    }

    /** The encoder copies bytes in one piece, and characters one by one. */
    private static CharSequence inBytes(String value) {
        return value.length() < LONG_VALUE
                ? value
                : new AsciiString(value.getBytes(StandardCharsets.ISO_8859_1), false);
    }

    private static void frame(EdgeRequest request, HttpMethod method, HttpHeaders headers) {
        if (request.kind() == RequestKind.WEBSOCKET) {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
            headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        } else if (!request.hasBody()) {
            if (Hops.contentLength(headers) > 0) {
                throw new IllegalArgumentException("a body was announced and none follows");
            }
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            if (!USUALLY_BODILESS.contains(method)) {
                headers.set(HttpHeaderNames.CONTENT_LENGTH, 0);
            }
        } else if (Hops.contentLength(headers) == Hops.NO_LENGTH) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
    }

    /** Fields that a Connection field declares as hop-by-hop. */
    private static List<String> named(HttpHeaders headers) {
        List<String> names = new ArrayList<>();
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : value.split(",", -1)) {
                names.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }
}
