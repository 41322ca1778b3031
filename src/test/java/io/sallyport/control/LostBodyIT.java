package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Bodies on raw sockets: none gets lost on the way to a handler, and what comes in part is nothing at all. */
class LostBodyIT {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static String list(String name) {
        return "{\"name\": \"%s\", \"type\": \"EMAIL\"}".formatted(name);
    }

    private static String head(String method, String path, String more) {
        return "%s /client/v4/accounts/%s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n%s\r\n"
                .formatted(method, Api.account(), path, Api.server().port(), TestServer.ADMIN_TOKEN, more);
    }

    private static String whole(String method, String path, String body) {
        return head(method, path, "Content-Length: " + body.length() + "\r\n") + body;
    }

    private static String chunked(String body, boolean ended) {
        StringBuilder chunks = new StringBuilder();
        for (String part : List.of(body.substring(0, 9), body.substring(9))) {
            chunks.append(Integer.toHexString(part.length()).toUpperCase(Locale.ROOT))
                    .append("\r\n")
                    .append(part)
                    .append("\r\n");
        }
        return chunks + (ended ? "0\r\n\r\n" : "");
    }

    /** Ways in which a body that would be a good one comes in part; its name of two letters is what would be stored. */
    static Stream<String> parts() {
        String body = list("zz");
        return Stream.of(
                "Content-Length: " + (body.length() + 1) + "\r\n\r\n" + body,
                "Content-Length: " + body.length() + "\r\n\r\n" + body.substring(0, body.length() - 1),
                "Content-Length: " + body.length() + "\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, false),
                "Transfer-Encoding: chunked\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("parts")
    @DisplayName(
            "a client that goes away in its body, half or all of it, changes nothing and is nothing in the audit trail")
    void partsAreNothing(String part) {
        String path = "/gateway/lists/"
                + Api.create("/gateway/lists", list(Api.unique("whole"))).id();
        String before = Api.get(path).result().toString();
        long records = records();
        String request = head("PUT", path, "").stripTrailing() + "\r\n" + part;
        for (int i = 0; i < 5; i++) {
            try (RawHttp half = RawHttp.connect(Api.server().port())) {
                RawHttp.Response answer = half.send(request).finish().tryResponse();
                assertThat(answer == null || answer.status() == 400)
                        .as("an answer to half a request: " + answer)
                        .isTrue();
            }
            try (RawHttp gone = RawHttp.connect(Api.server().port())) {
                gone.send(request);
            }
        }
        assertThat(Api.get(path).result().toString()).isEqualTo(before);
        assertThat(records()).isEqualTo(records);
    }

    @Test
    @DisplayName("a client that goes away in its body is a line of the access log and no error with a stack")
    void whoGoesAwayIsNoErrorInTheLog() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(lines);
        String path = "/gateway/lists/" + Api.unique("left");
        try {
            try (RawHttp gone = RawHttp.connect(Api.server().port())) {
                gone.send(head("PUT", path, "Content-Length: 100\r\n") + "{\"name\":");
            }
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> lines.list.stream()
                            .map(ILoggingEvent::getFormattedMessage)
                            .anyMatch(line -> line.contains(path) && line.contains("\"failure\"")));
            assertThat(lines.list)
                    .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.ERROR))
                    .noneMatch(line -> line.getFormattedMessage().contains(path));
        } finally {
            root.detachAppender(lines);
        }
    }

    @Test
    @DisplayName(
            "bodies of requests in one pipeline, whole, in pieces and in chunks, each reach the handler they were sent to")
    void bodiesKeepTheirPlace() {
        String path = "/gateway/lists/"
                + Api.create("/gateway/lists", list(Api.unique("pipe"))).id();
        try (RawHttp http = RawHttp.connect(Api.server().port())) {
            for (int round = 0; round < 6; round++) {
                List<String> names =
                        IntStream.range(0, 6).mapToObj(i -> Api.unique("pipe")).toList();
                StringBuilder all = new StringBuilder();
                for (int i = 0; i < names.size(); i++) {
                    String body = list(names.get(i));
                    all.append(
                            i % 2 == 0
                                    ? whole("PUT", path, body)
                                    : head("PUT", path, "Transfer-Encoding: chunked\r\n") + chunked(body, true));
                    all.append(head("GET", path, ""));
                }
                sendInPieces(http, all.toString(), round);
                for (String name : names) {
                    for (RawHttp.Response answer : List.of(http.response(), http.response())) {
                        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                        assertThat(JSON.readTree(answer.text())
                                        .path("result")
                                        .path("name")
                                        .asString())
                                .isEqualTo(name);
                    }
                }
            }
        }
    }

    private static void sendInPieces(RawHttp http, String text, int round) {
        int piece = round == 0 ? text.length() : 1 + 97 * round;
        for (int from = 0; from < text.length(); from += piece) {
            http.send(text.substring(from, Math.min(text.length(), from + piece)));
        }
    }

    private static long records() {
        return Api.get("/sallyport/audit?per_page=1")
                .envelope()
                .path("result_info")
                .path("total_count")
                .asLong();
    }
}
