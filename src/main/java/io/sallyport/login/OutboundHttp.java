package io.sallyport.login;

import io.netty.handler.codec.http.HttpMethod;
import io.sallyport.http.OutboundRules;
import io.sallyport.session.OutboundExchange;
import io.sallyport.session.OutboundExchange.Answer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/**
 * HTTP client for calls to identity providers, used directly and by Spring's token client, with the limits of {@link
 * OutboundExchange}. Blocking.
 */
final class OutboundHttp implements ClientHttpRequestFactory {
    private final OutboundExchange http;

    OutboundHttp(OutboundRules rules) {
        this.http = new OutboundExchange(rules);
    }

    /** The underlying exchange. */
    OutboundExchange exchange() {
        return http;
    }

    /**
     * Fetches a document.
     *
     * @throws IOException when it cannot be fetched; the message is for the log
     */
    Answer get(URI uri, HttpHeaders headers) throws IOException {
        return http.exchange(HttpMethod.GET, uri, headers, new byte[0]);
    }

    /**
     * Posts a document.
     *
     * @throws IOException when there is no answer, for whatever reason; the message is for the log
     */
    Answer post(URI uri, HttpHeaders headers, byte[] body) throws IOException {
        return http.exchange(HttpMethod.POST, uri, headers, body);
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
            return new Response(http.exchange(HttpMethod.valueOf(method.name()), uri, headers, body.toByteArray()));
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
            // Nothing to close: the answer was read completely.
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
