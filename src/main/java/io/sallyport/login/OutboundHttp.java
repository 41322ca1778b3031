package io.sallyport.login;

import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.sallyport.http.OutboundRules;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;

/**
 * Our own calls to identity providers (OI-07, OI-08): only where {@link OutboundRules} lets them go, judged by the address really
 * connected to; at most five seconds and 256 KiB for the whole exchange; redirects are answers, not followed. Blocking.
 */
final class OutboundHttp implements ClientHttpRequestFactory {
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final int LARGEST = 256 * 1024;

    private final OutboundRules rules;
    private final Scheduler blocking;

    /** @param blocking where names are resolved: the JDK waits for that */
    OutboundHttp(OutboundRules rules, Scheduler blocking) {
        this.rules = rules;
        this.blocking = blocking;
    }

    /** A whole answer. */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(int status, HttpHeaders headers, byte[] body) {}

    /**
     * Fetches a document.
     *
     * @throws IOException when it cannot be had, for whatever reason; the message is for the log
     */
    Answer get(URI uri, HttpHeaders headers) throws IOException {
        return exchange(HttpMethod.GET, uri, headers, new byte[0]);
    }

    private Answer exchange(HttpMethod method, URI uri, HttpHeaders headers, byte[] body) throws IOException {
        try {
            Answer answer = Mono.fromCallable(() -> permittedAddress(uri))
                    .subscribeOn(blocking)
                    .flatMap(address -> send(address, method, uri, headers, body))
                    .timeout(LONGEST)
                    .block();
            if (answer == null) {
                throw new IOException(uri.getHost() + " sent no answer");
            }
            return answer;
        } catch (OutboundRules.OutboundRefused refused) {
            throw new IOException(refused.getMessage(), refused);
        } catch (RuntimeException failed) {
            throw new IOException(
                    uri.getHost() + " could not be asked: " + reactor.core.Exceptions.unwrap(failed), failed);
        }
    }

    private Mono<Answer> send(InetSocketAddress address, HttpMethod method, URI uri, HttpHeaders headers, byte[] body) {
        boolean secure = isSecure(uri);
        HttpClient client = HttpClient.newConnection()
                .remoteAddress(() -> address)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) LONGEST.toMillis())
                .followRedirect(false)
                .headers(written -> {
                    headers.forEach((name, values) -> values.forEach(value -> written.add(name, value)));
                    written.set(HttpHeaders.HOST, uri.getRawAuthority());
                    written.set(HttpHeaders.CONTENT_LENGTH, body.length);
                });
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return (secure ? client.secure() : client)
                .request(method)
                .uri(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
                .send(ByteBufFlux.fromInbound(body.length == 0 ? Flux.empty() : Flux.just(body)))
                .response((response, content) -> bounded(content.asByteArray())
                        .map(bytes -> new Answer(statusOf(response.status()), copy(response.responseHeaders()), bytes)))
                .single();
    }

    /** Connects to nothing but an address that was judged: what is resolved here is what is dialled. */
    private InetSocketAddress permittedAddress(URI uri) throws UnknownHostException {
        rules.check(uri);
        String host = uri.getHost();
        for (InetAddress address : resolve(host)) {
            if (rules.permits(host, address)) {
                int port = uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
                return new InetSocketAddress(InetAddress.getByAddress(host, address.getAddress()), port);
            }
        }
        throw new OutboundRules.OutboundRefused(
                host + " does not resolve to a public address; sallyport.outbound.allow can list it.");
    }

    /** Names under localhost are loopback (RFC 6761 §6.3), which not every C library knows. */
    private static InetAddress[] resolve(String host) throws UnknownHostException {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.endsWith(".localhost")
                ? new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")}
                : InetAddress.getAllByName(host);
    }

    private static boolean isSecure(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    private static Mono<byte[]> bounded(Flux<byte[]> content) {
        return content.reduceWith(ByteArrayOutputStream::new, (whole, part) -> {
                    if (whole.size() + part.length > LARGEST) {
                        throw new IllegalStateException("the answer is larger than " + LARGEST + " bytes");
                    }
                    whole.writeBytes(part);
                    return whole;
                })
                .map(ByteArrayOutputStream::toByteArray);
    }

    private static int statusOf(HttpResponseStatus status) {
        return status.code();
    }

    private static HttpHeaders copy(io.netty.handler.codec.http.HttpHeaders from) {
        HttpHeaders headers = new HttpHeaders();
        from.forEach(entry -> headers.add(entry.getKey(), entry.getValue()));
        return headers;
    }

    /** For Spring's token client. */
    @Override
    public ClientHttpRequest createRequest(URI uri, org.springframework.http.HttpMethod method) {
        return new Request(uri, method);
    }

    private final class Request extends AbstractClientHttpRequest {
        private final URI uri;
        private final org.springframework.http.HttpMethod method;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        Request(URI uri, org.springframework.http.HttpMethod method) {
            this.uri = uri;
            this.method = method;
        }

        @Override
        public org.springframework.http.HttpMethod getMethod() {
            return method;
        }

        @Override
        public URI getURI() {
            return uri;
        }

        @Override
        protected OutputStream getBodyInternal(HttpHeaders headers) {
            return body;
        }

        @Override
        protected ClientHttpResponse executeInternal(HttpHeaders headers) throws IOException {
            return new Response(exchange(HttpMethod.valueOf(method.name()), uri, headers, body.toByteArray()));
        }
    }

    private record Response(Answer answer) implements ClientHttpResponse {
        @Override
        public HttpStatusCode getStatusCode() {
            return HttpStatusCode.valueOf(answer.status());
        }

        @Override
        public String getStatusText() {
            return "";
        }

        @Override
        public void close() {
            // Nothing is open: the answer was read whole.
        }

        @Override
        public InputStream getBody() {
            return new ByteArrayInputStream(answer.body());
        }

        @Override
        public HttpHeaders getHeaders() {
            return answer.headers();
        }
    }
}
