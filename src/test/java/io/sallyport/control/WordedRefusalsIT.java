package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whatever stands between the socket and a handler refuses in the API's envelope, never without a word. */
class WordedRefusalsIT {
    private record Odd(String what, String line, String fields) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static String below(String path) {
        return "/client/v4/accounts/" + Api.account() + path;
    }

    private static Odd path(String what, String path) {
        return new Odd(what, "GET " + below(path) + " HTTP/1.1", "");
    }

    static Stream<Odd> requests() {
        List<Odd> all = new ArrayList<>(List.of(
                path("an escaped percent sign", "/access/tags/%25"),
                path("an escaped slash", "/access/tags/a%2Fb"),
                path("an escaped backslash", "/access/tags/a%5Cb"),
                path("an escaped dot", "/access/tags/%2e%2e"),
                path("an escaped semicolon", "/access/tags/a%3Bb"),
                path("a semicolon", "/access/tags/a;b=c"),
                path("an escaped NUL", "/access/tags/a%00b"),
                path("an escaped line end", "/access/tags/a%0Ab"),
                path("a broken escape", "/access/tags/%zz"),
                path("half an escape", "/access/tags/%2"),
                path("bytes that are no UTF-8", "/access/tags/%ff%fe"),
                path("a broken escape in the query", "/access/tags?name=%zz"),
                path("a NUL in the query", "/access/apps?name=%00"),
                path("a trailing slash", "/access/apps/"),
                path("no such path", "/access/nonsense"),
                path("an address of 17 KiB", "/access/tags/" + "a".repeat(17 << 10)),
                new Odd(
                        "an address just too long",
                        "GET " + below("/x" + "a".repeat((16 << 10) - 50)) + " HTTP/1.1",
                        ""),
                new Odd("two hosts", "GET " + below("/access/tags") + " HTTP/1.1", "Host: localhost\r\n"),
                new Odd("an unknown expectation", "GET " + below("/access/tags") + " HTTP/1.1", "Expect: wonders\r\n"),
                new Odd("too many fields", "GET " + below("/access/tags") + " HTTP/1.1", "X-A: b\r\n".repeat(300)),
                new Odd(
                        "33 KiB of fields",
                        "GET " + below("/access/tags") + " HTTP/1.1",
                        "X-A: " + "b".repeat(33 << 10) + "\r\n"),
                new Odd("another version", "GET " + below("/access/tags") + " HTTP/1.2", "")));
        for (String method : List.of("TRACE", "PATCH", "DELETE", "PROPFIND", "BREW", "QUERY", "LOCK")) {
            all.add(new Odd(method, method + " " + below("/access/tags") + " HTTP/1.1", ""));
        }
        for (String type : List.of("text/plain", "application/xml", "nonsense", "multipart/form-data")) {
            all.add(new Odd(
                    "a body of type " + type,
                    "POST " + below("/access/tags") + " HTTP/1.1",
                    "Content-Type: " + type + "\r\nContent-Length: 3\r\n"));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("requests")
    @DisplayName("each odd request is answered by an error that says what is wrong")
    void eachIsRefusedInTheEnvelope(Odd odd) {
        RawHttp.Response answer = RawHttp.exchange(Api.server().port(), request(odd));

        assertThat(answer.status()).isBetween(400, 499);
        assertThat(answer.first("content-type")).isEqualTo("application/json");
        JsonNode envelope = JsonMapper.shared().readTree(answer.text());
        assertThat(envelope.path("success").isBoolean()).isTrue();
        assertThat(envelope.path("success").asBoolean()).isFalse();
        assertThat(envelope.at("/errors/0/code").asInt()).isPositive();
        assertThat(envelope.at("/errors/0/message").asString()).hasSizeGreaterThan(10);
        assertThat(envelope.path("messages").isArray()).isTrue();
        assertThat(envelope.path("result").isNull()).isTrue();
    }

    private static String request(Odd odd) {
        return odd.line() + "\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + TestServer.ADMIN_TOKEN
                + "\r\nAccept: application/json\r\nConnection: close\r\n" + odd.fields() + "\r\n"
                + (odd.fields().contains("Content-Length") ? "{a}" : "");
    }

    @Test
    @DisplayName("HEAD is answered as GET would be, without its body, and OPTIONS says what a path takes")
    void headAndOptionsAreServed() {
        Api.Answer head = Api.call("HEAD", "/access/tags", null);
        Api.Answer refused = Api.call("HEAD", "/access/tags/%25", null);
        Api.Answer options = Api.call("OPTIONS", "/access/tags", null);

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("content-type")).isEqualTo("application/json");
        assertThat(head.response().body()).isEmpty();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.response().body()).isEmpty();
        assertThat(options.status()).isEqualTo(200);
        assertThat(options.header("allow")).contains("GET").contains("POST");
    }
}
