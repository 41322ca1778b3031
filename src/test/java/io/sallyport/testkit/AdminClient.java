package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls the admin API as a script would. */
public final class AdminClient {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String base;
    private final String token;
    private String account = "";

    /** @param base scheme, host and port of the console */
    public AdminClient(String base, String token) {
        this.base = base + "/client/v4";
        this.token = token;
    }

    /** A status and the envelope that came with it. */
    public record Answer(int status, JsonNode envelope) {
        /** The result member. */
        public JsonNode result() {
            return envelope.path("result");
        }
    }

    /** Sends a request below the account; {@code body} is JSON or null. */
    public Answer call(String method, String pathBelowAccount, String body) {
        return callAt(method, "/accounts/" + account() + pathBelowAccount, body);
    }

    /** Sends a request below {@code /client/v4}. */
    public Answer callAt(String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json");
        request.method(
                method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The result of a POST that must succeed. */
    public JsonNode post(String path, String body) {
        return must("POST", path, body);
    }

    /** The result of a PUT that must succeed. */
    public JsonNode put(String path, String body) {
        return must("PUT", path, body);
    }

    /** The result of a GET that must succeed. */
    public JsonNode get(String path) {
        return must("GET", path, null);
    }

    /** The result of a DELETE that must succeed. */
    public JsonNode delete(String path) {
        return must("DELETE", path, null);
    }

    /** The account's id. */
    public String account() {
        if (account.isEmpty()) {
            account = callAt("GET", "/accounts", null).result().get(0).get("id").asString();
        }
        return account;
    }

    private JsonNode must(String method, String path, String body) {
        Answer answer = call(method, path, body);
        if (answer.status() >= 300 || !answer.envelope().path("success").asBoolean(false)) {
            throw new AssertionError(
                    "%s %s answered %d %s".formatted(method, path, answer.status(), answer.envelope()));
        }
        return answer.result();
    }
}
