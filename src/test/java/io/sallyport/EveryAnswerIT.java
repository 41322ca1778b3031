package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.AnswerStorm;
import io.sallyport.testkit.AnswerStorm.Call;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Whether any answer gets lost on its way out: the admin API's, an origin's and the gate's own, in one pipeline, over many
 * connections. {@code -Dsallyport.storm=100000} makes it a storm of that many requests.
 */
class EveryAnswerIT {
    private static final int REQUESTS = Integer.getInteger("sallyport.storm", 2_000);

    /** No connection to the database within two seconds is a 503, on a busy machine also under two dozen pipelines of ours. */
    private static final Map<String, String> PATIENT = Map.of(
            "spring.datasource.hikari.connection-timeout",
            "60000",
            "spring.datasource.hikari.data-source-properties.connectTimeout",
            "60",
            "spring.datasource.hikari.data-source-properties.socketTimeout",
            "60");

    @Test
    @DisplayName("every request of many mixed pipelines has its answer, in order")
    void everyRequestHasItsAnswer() {
        try (TestServer server = TestServer.start(PATIENT);
                RecordingOrigin origin = RecordingOrigin.start()) {
            AdminClient admin = server.admin();
            admin.post("/sallyport/origins", """
                    {"hostname": "storm.example.com", "service": "%s"}""".formatted(origin.uri()));
            admin.post("/access/apps", """
                    {"type": "self_hosted", "name": "storm", "domain": "storm.example.com",
                     "policies": [{"name": "all", "decision": "bypass", "include": [{"everyone": {}}]}]}""");
            String account = "/client/v4/accounts/" + admin.account();
            String list = admin.post("/gateway/lists", "{\"name\": \"storm\", \"type\": \"IP\"}")
                    .get("id")
                    .asString();
            String first = app("GET", "").request();
            await("the application to be known")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> RawHttp.exchange(server.port(), first).status() == 200);
            AnswerStorm storm = new AnswerStorm(
                    server.port(),
                    List.of(
                            api(200, "GET", "/client/v4/user/tokens/verify", ""),
                            api(404, "GET", "/client/v4/nosuch", ""),
                            api(404, "DELETE", account + "/access/tags/nosuch", ""),
                            api(400, "POST", account + "/access/tags", "{\"name\": 7}"),
                            api(200, "PUT", account + "/gateway/lists/" + list, "{\"name\": \"storm\"}"),
                            api(200, "GET", account + "/gateway/lists/" + list, ""),
                            Call.answered(401, "GET /client/v4/accounts HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
                            app("GET", ""),
                            app("DELETE", ""),
                            app("POST", "small"),
                            app("PUT", "x".repeat(20_000)),
                            Call.answered(404, "GET / HTTP/1.1\r\nHost: nobody.example.com\r\n\r\n")));
            storm.rage(24, REQUESTS);
            assertThat(storm.lost()).isEmpty();
            assertThat(storm.answers()).isGreaterThan(REQUESTS * 9L / 10);
        }
    }

    private static Call api(int status, String method, String path, String body) {
        return Call.answered(
                status,
                "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n%s\r\n%s"
                        .formatted(
                                method,
                                path,
                                TestServer.ADMIN_TOKEN,
                                body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n",
                                body));
    }

    private static Call app(String method, String body) {
        return Call.answered(
                200,
                "%s /x HTTP/1.1\r\nHost: storm.example.com\r\n%s\r\n%s"
                        .formatted(method, body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n", body));
    }
}
