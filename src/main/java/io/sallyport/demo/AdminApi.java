package io.sallyport.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The gateway's admin API as any admin's script would call it. A refusal is an {@link IllegalStateException} with the API's errors, a
 * broken connection an {@link UncheckedIOException}; both end the start of the demo.
 */
final class AdminApi {
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final JsonMapper json = JsonMapper.shared();
    private final String base;
    private final String token;

    /** @param base scheme, host and port of the console */
    AdminApi(String base, String token) {
        this.base = base + "/client/v4";
        this.token = token;
    }

    /** The result of a GET. */
    JsonNode get(String path) {
        return send(request(path).GET());
    }

    /** The result of a POST. */
    JsonNode post(String path, Map<String, Object> body) {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body))));
    }

    /** The result of a PUT. */
    JsonNode put(String path, Map<String, Object> body) {
        return send(request(path).PUT(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body))));
    }

    /** A DELETE. */
    void delete(String path) {
        send(request(path).DELETE());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json");
    }

    private JsonNode send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode envelope = json.readTree(response.body());
            if (!envelope.path("success").asBoolean(false)) {
                throw new IllegalStateException("%s %s answered %d: %s"
                        .formatted(
                                request.method(),
                                request.uri().getPath(),
                                response.statusCode(),
                                envelope.path("errors")));
            }
            return envelope.path("result");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while talking to the admin API", e);
        }
    }
}
