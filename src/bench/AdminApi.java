import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The admin API of the gate that {@link Compare} and {@link TunnelBed} start, below its one account. */
final class AdminApi {
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f]{32})\"");

    private final HttpClient client;
    private final String token;
    private final String account;

    /** @param gate its address, with the port */
    AdminApi(HttpClient client, String gate, String token) {
        this.client = client;
        this.token = token;
        String accounts = gate + "/client/v4/accounts";
        Matcher found = ID.matcher(send("GET", accounts, null));
        if (!found.find()) {
            throw new IllegalStateException("no account at " + accounts);
        }
        this.account = accounts + "/" + found.group(1);
    }

    String get(String path) {
        return send("GET", account + path, null);
    }

    String post(String path, String body) {
        return send("POST", account + path, body);
    }

    String put(String path, String body) {
        return send("PUT", account + path, body);
    }

    private String send(String method, String url, String body) {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/json")
                            .method(method, body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException(method + " " + url + " answered " + response.statusCode() + " " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
