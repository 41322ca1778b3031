package io.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client of the gateway's REST API. It unwraps the envelope, joins the pages of lists, and turns every
 * failure into a {@link CommandFailure} with one sentence.
 */
final class ApiClient {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long LARGEST_ANSWER = 64L << 20;

    /** Codes of the API. */
    private static final int NOT_ALLOWED = 10000;

    private static final int NO_ROUTE = 7003;

    private static final int NOT_FOUND = 12135;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http;
    private final URI base;
    private final ApiToken token;
    private @Nullable String account;
    private @Nullable String claimed;

    /**
     * @param http a builder that trusts the right certificate authorities
     * @param base everything before the first path of the API, {@code /client/v4} included, without a slash at its end
     */
    ApiClient(HttpClient.Builder http, URI base, ApiToken token) {
        this.http = http.connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.base = base;
        this.token = token;
    }

    /** From now on claims in X-Forwarded-For to call from this address. A gateway that believes it is misconfigured. */
    ApiClient claiming(String address) {
        claimed = address;
        return this;
    }

    /** Everything before the first path of the API. */
    URI base() {
        return base;
    }

    /** The path of the only account, {@code /accounts/ID}, with which most other paths begin. */
    String account() {
        if (account == null) {
            JsonNode first = get("/accounts").path(0).path("id");
            if (!first.isString()) {
                throw new CommandFailure("this token sees no account at " + base);
            }
            account = "/accounts/" + first.stringValue();
        }
        return account;
    }

    /** The result of a GET. */
    JsonNode get(String path) {
        return send("GET", path, null).path("result");
    }

    /** The result of a GET, bound to a record. */
    <T> T get(String path, Class<T> type) {
        return bound(get(path), type);
    }

    /** All pages of a list. */
    <T> List<T> list(String path, Class<T> type) {
        List<T> all = new ArrayList<>();
        for (int page = 1; ; page++) {
            JsonNode envelope = send("GET", path + (path.contains("?") ? "&" : "?") + "page=" + page, null);
            JsonNode info = envelope.path("result_info");
            envelope.path("result").forEach(each -> all.add(bound(each, type)));
            int count = info.path("count").asInt(0);
            if (count == 0
                    || count < info.path("per_page").asInt(0)
                    || all.size() >= info.path("total_count").asInt(0)) {
                return List.copyOf(all);
            }
        }
    }

    /** The result of a POST. */
    JsonNode post(String path, @Nullable Object body) {
        return send("POST", path, body).path("result");
    }

    /** The result of a POST that may take longer than others. */
    JsonNode post(String path, @Nullable Object body, Duration patience) {
        return send("POST", path, body, patience).path("result");
    }

    /** The result of a PUT. */
    JsonNode put(String path, @Nullable Object body) {
        return send("PUT", path, body).path("result");
    }

    /** The result of a DELETE. */
    JsonNode delete(String path) {
        return send("DELETE", path, null).path("result");
    }

    /** Text encoded for a path or a query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A result bound to a record; fields the record does not know are left out. */
    static <T> T bound(JsonNode result, Class<T> type) {
        try {
            return JSON.treeToValue(result, type);
        } catch (JacksonException e) {
            throw new CommandFailure(
                    "the gateway's answer is not what this command expects: " + e.getOriginalMessage(), e);
        }
    }

    /** Writes the answer to a GET that has no envelope. It is streamed, so it may be of any size. */
    void download(String path, OutputStream out) throws IOException {
        HttpResponse<InputStream> response =
                sent(request("GET", path, null, PATIENCE), BodyHandlers.ofInputStream(), PATIENCE);
        try (InputStream body = response.body()) {
            if (response.statusCode() / 100 != 2) {
                opened("GET " + path, response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
            body.transferTo(out);
        }
    }

    private JsonNode send(String method, String path, @Nullable Object body) {
        return send(method, path, body, PATIENCE);
    }

    private JsonNode send(String method, String path, @Nullable Object body, Duration patience) {
        HttpResponse<String> response = sent(
                request(method, path, body, patience),
                BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST_ANSWER),
                patience);
        return opened(method + " " + path, response.statusCode(), response.body());
    }

    private HttpRequest request(String method, String path, @Nullable Object body, Duration patience) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(patience)
                .header("Authorization", "Bearer " + token.secret().reveal())
                .header("Accept", "application/json")
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(JSON.writeValueAsString(body)));
        if (claimed != null) {
            request.header("X-Forwarded-For", claimed);
        }
        return request.build();
    }

    private <T> HttpResponse<T> sent(HttpRequest request, HttpResponse.BodyHandler<T> handler, Duration patience) {
        try {
            return http.send(request, handler);
        } catch (ConnectException e) {
            throw new CommandFailure(
                    Trouble.isUnresolved(e)
                            ? "there is no host named " + base.getHost()
                                    + "; the address comes from --api-url or SALLYPORT_API_URL"
                            : "nothing answers at " + base
                                    + "; is the gateway running? Set another address with --api-url or SALLYPORT_API_URL",
                    e);
        } catch (HttpTimeoutException e) {
            throw new CommandFailure(base + " did not answer in " + patience.toSeconds() + " seconds", e);
        } catch (IOException e) {
            throw new CommandFailure(Trouble.with(base, e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    private JsonNode opened(String what, int status, String body) {
        JsonNode envelope;
        try {
            envelope = JSON.readTree(body);
        } catch (JacksonException e) {
            throw new CommandFailure(
                    "%s answered %d, but not in the format of the API; is this the API's address?"
                            .formatted(what, status),
                    e);
        }
        JsonNode errors = envelope.path("errors");
        if (status / 100 == 2 && envelope.path("success").asBoolean(false) && errors.isEmpty()) {
            return envelope;
        }
        String reasons = errors.valueStream().map(ApiClient::reason).collect(Collectors.joining("; "));
        int code = errors.path(0).path("code").asInt(0);
        throw new ApiRefusal(
                status, code, refusal(what, status, code, reasons.isEmpty() ? "no reason given" : reasons));
    }

    /** An error of the envelope, without identifiers that only programs need. */
    private static String reason(JsonNode error) {
        String message = error.path("message").asString("").replaceFirst("^access\\.api\\.error\\.[a-z_]+(: |$)", "");
        return message.isEmpty()
                ? "code " + error.path("code").asString("")
                : message + " (code " + error.path("code").asString("") + ")";
    }

    private String refusal(String what, int status, int code, String reasons) {
        if (status == 401) {
            return "the gateway at " + base + " does not know the token in " + token.from()
                    + ": it is mistyped, has expired, was revoked, or is another gateway's; " + token.remedy();
        }
        if (status == 403 && code == NOT_ALLOWED) {
            return "the token in " + token.from() + " may not do that (" + what
                    + "); use one with another role or wider scopes";
        }
        if (status == 404 && code == NO_ROUTE) {
            return "there is nothing at " + what + ", or this token may not see it; is the API address right?";
        }
        if (status == 404 && code == NOT_FOUND) {
            return "there is no such thing, or this token may not see it (404 for %s)".formatted(what);
        }
        return "the gateway refused with %d: %s; the request was %s".formatted(status, reasons, what);
    }
}
