package io.sallyport.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** Requests of {@code access} commands to the edge. Redirects are inspected, and never followed automatically. */
final class EdgeHttp {
    static final String USER_AGENT = "sallyport";

    private static final Duration PATIENCE = Duration.ofSeconds(7);
    private static final long LARGEST_ANSWER = 1 << 20;

    private final HttpClient http;

    EdgeHttp(Terminal terminal) {
        this.http = Trust.client(terminal)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** The underlying client, for WebSockets. */
    HttpClient client() {
        return http;
    }

    HttpResponse<String> get(URI uri, Map<String, String> headers) {
        return get(uri, headers, PATIENCE);
    }

    HttpResponse<String> get(URI uri, Map<String, String> headers, Duration patience) {
        return send("GET", uri, headers, patience);
    }

    HttpResponse<String> head(URI uri, Map<String, String> headers) {
        return send("HEAD", uri, headers, PATIENCE);
    }

    private HttpResponse<String> send(String method, URI uri, Map<String, String> headers, Duration patience) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(patience)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", USER_AGENT);
        headers.forEach(request::header);
        try {
            return http.send(request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST_ANSWER));
        } catch (IOException e) {
            throw new CommandFailure(Trouble.with(uri, e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }
}
