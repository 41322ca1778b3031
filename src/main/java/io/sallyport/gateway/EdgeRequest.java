package io.sallyport.gateway;

import io.sallyport.http.RequestContext;
import java.net.URI;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.RequestPath;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.support.Netty4HeadersAdapter;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.netty.http.server.HttpServerRequest;

/**
 * A request after the first filter: its path is canonical, and header fields that clients may not set are removed. The
 * headers may be written to until the request is forwarded; they are this request's own copy, kept in the form in which
 * they go to the origin.
 */
final class EdgeRequest extends ServerHttpRequestDecorator {
    /** For methods that rarely have a body the HTTP client buffers the whole body, so its size is limited (DO-03). */
    private static final long GATHERED_BODY_LIMIT = 64 << 10;

    private static final Set<HttpMethod> GATHERED = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.DELETE);

    private final io.netty.handler.codec.http.HttpHeaders fields;
    private final HttpHeaders headers;
    private final boolean chunked;
    private final @Nullable URI uri;
    private final @Nullable RequestPath path;

    /**
     * Decorates the request as it came from the wire.
     *
     * @param fields cleaned by {@link HeaderHygiene}
     * @param chunked whether a body of unknown length follows
     */
    EdgeRequest(
            ServerHttpRequest raw,
            RequestContext context,
            io.netty.handler.codec.http.HttpHeaders fields,
            boolean chunked) {
        super(raw);
        this.fields = fields;
        this.headers = new HttpHeaders(new Netty4HeadersAdapter(fields));
        this.chunked = chunked;
        boolean asWritten = context.target().path().equals(raw.getURI().getRawPath());
        this.uri = asWritten
                ? null
                : URI.create(context.origin() + context.target().pathAndQuery());
        this.path = uri == null ? null : RequestPath.parse(uri, null);
    }

    /** The decorated request of an exchange on its way to an origin. */
    static EdgeRequest of(ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        while (request instanceof ServerHttpRequestDecorator decorator) {
            if (request instanceof EdgeRequest edge) {
                return edge;
            }
            request = decorator.getDelegate();
        }
        throw new IllegalStateException("the request did not pass the first filter");
    }

    /** Whether the client asked for a WebSocket; the request guard left no other upgrade standing (RP-19). */
    boolean isWebSocket() {
        return headers.containsHeader(HttpHeaders.UPGRADE);
    }

    /** Whether a body of unknown length follows. */
    boolean isChunked() {
        return chunked;
    }

    /** Whether the client wants fields behind the answer (RFC 9110 §10.1.4). */
    boolean takesTrailers() {
        return getDelegate().getHeaders().getOrEmpty("TE").stream()
                .flatMap(field -> Stream.of(field.split(",", -1)))
                .anyMatch(coding -> coding.strip().equalsIgnoreCase("trailers"));
    }

    /** The same fields as {@link #getHeaders()}, for Netty to send. */
    io.netty.handler.codec.http.HttpHeaders fields() {
        return fields;
    }

    /** Whether the HTTP/1 message has no body (RFC 9112 §6.3). For HTTP/2 the head alone does not tell. */
    boolean isBodiless() {
        return !chunked && headers.getContentLength() <= 0 && !isHttp2();
    }

    private boolean isHttp2() {
        HttpServerRequest raw = ((AbstractServerHttpRequest) getDelegate()).getNativeRequest();
        return raw.version().majorVersion() >= 2;
    }

    /** Whether the HTTP client buffers the whole body of this method before it sends the request. */
    boolean isGathered() {
        return GATHERED.contains(getMethod());
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    @Override
    public URI getURI() {
        return uri == null ? super.getURI() : uri;
    }

    @Override
    public RequestPath getPath() {
        return path == null ? super.getPath() : path;
    }

    @Override
    public Flux<DataBuffer> getBody() {
        if (!isGathered()) {
            return super.getBody();
        }
        return Flux.defer(() -> {
            long[] seen = new long[1];
            return super.getBody().doOnNext(buffer -> {
                seen[0] += buffer.readableByteCount();
                if (seen[0] > GATHERED_BODY_LIMIT) {
                    throw new ResponseStatusException(HttpStatus.CONTENT_TOO_LARGE);
                }
            });
        });
    }
}
