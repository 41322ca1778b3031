package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiClientTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private ApiClient client;

    private record Tunnel(String id, String name) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        client = new ApiClient(
                HttpClient.newBuilder(),
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/client/v4"),
                ApiToken.from("the variable SALLYPORT_API_TOKEN", "s3cret"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theEnvelopeIsOpened() {
        answer(200, """
                {"success":true,"errors":[],"messages":[],"result":{"id":"t1","name":"demo","unknown":1}}""");
        assertThat(client.get("/x", Tunnel.class)).isEqualTo(new Tunnel("t1", "demo"));
        assertThat(asked).containsExactly("GET /client/v4/x Bearer s3cret ");
    }

    @Test
    void aBodyIsSentAsJson() {
        answer(200, """
                {"success":true,"errors":[],"result":{}}""");
        client.post("/x", Map.of("name", "demo"));
        assertThat(asked).containsExactly("POST /client/v4/x Bearer s3cret {\"name\":\"demo\"}");
    }

    @Test
    void pagesBecomeOneList() {
        server.createContext("/", exchange -> {
            boolean first = exchange.getRequestURI().getQuery().endsWith("page=1");
            String ids = first
                    ? "{\"id\":\"a\",\"name\":\"a\"},{\"id\":\"b\",\"name\":\"b\"}"
                    : "{\"id\":\"c\",\"name\":\"c\"}";
            byte[] body = ("{\"success\":true,\"errors\":[],\"result\":[" + ids
                            + "],\"result_info\":{\"page\":1,\"per_page\":2," + "\"count\":" + (first ? 2 : 1)
                            + ",\"total_count\":3}}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        assertThat(client.list("/x?name=1", Tunnel.class))
                .extracting(Tunnel::id)
                .containsExactly("a", "b", "c");
    }

    @Test
    void aRefusalIsOneSentenceWithItsReason() {
        answer(409, """
                {"success":false,"errors":[{"code":1013,"message":"tunnel with name already exists"}],"result":null}""");
        assertThatThrownBy(() -> client.post("/t", Map.of()))
                .isInstanceOf(CommandFailure.class)
                .hasMessage(
                        "the gateway refused with 409: tunnel with name already exists (code 1013); the request was POST /t");
    }

    @Test
    void namesForProgramsStayOutOfTheSentence() {
        answer(400, """
                {"success":false,"errors":[{"code":12130,"message":"access.api.error.invalid_request: per_page is wrong"}]}""");
        assertThatThrownBy(() -> client.get("/t"))
                .hasMessage("the gateway refused with 400: per_page is wrong (code 12130); the request was GET /t");
    }

    @Test
    void whatIsNotThereIsSaidToBeMissing() {
        answer(404, """
                {"success":false,"errors":[{"code":12135,"message":"access.api.error.not_found"}]}""");
        assertThatThrownBy(() -> client.get("/t/7"))
                .hasMessage("there is no such thing, or this token may not see it (404 for GET /t/7)");
    }

    @Test
    void aTokenThatNobodyKnowsIsSaidToBeTheReason() {
        answer(401, """
                {"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}""");
        assertThatThrownBy(() -> client.get("/t"))
                .hasMessageContaining("the gateway at http://127.0.0.1:")
                .hasMessageContaining("does not know the token in the variable SALLYPORT_API_TOKEN")
                .hasMessageContaining("API tokens")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aTokenThatMayNotDoThatIsToldSo() {
        answer(403, """
                {"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}""");
        assertThatThrownBy(() -> client.post("/t", Map.of()))
                .hasMessageContaining("the token in the variable SALLYPORT_API_TOKEN may not do that (POST /t)");
    }

    @Test
    void aHostThatDoesNotExistIsNamed() {
        ApiClient nowhere = new ApiClient(
                HttpClient.newBuilder(),
                URI.create("http://gate.invalid/client/v4"),
                ApiToken.from("the file token", "s3cret"));
        assertThatThrownBy(() -> nowhere.get("/t")).hasMessageContaining("there is no host named gate.invalid");
    }

    @Test
    void anAddressThatIsNoApiIsRecognised() {
        answer(200, "<html>");
        assertThatThrownBy(() -> client.get("/t"))
                .hasMessage("GET /t answered 200, but not in the format of the API; is this the API's address?");
    }

    @Test
    void nobodyThereIsSaidInAPersonsWords() {
        server.stop(0);
        assertThatThrownBy(() -> client.get("/t"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("nothing answers at http://127.0.0.1:");
    }

    private void answer(int status, String json) {
        server.createContext("/", exchange -> {
            asked.add("%s %s %s %s"
                    .formatted(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI(),
                            exchange.getRequestHeaders().getFirst("Authorization"),
                            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }
}
