package io.sallyport.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.server.MockServerWebExchange;
import tools.jackson.databind.json.JsonMapper;

class AnswersTest {
    private static final Problem PROBLEM =
            new Problem(403, "forbidden", "No access", "You may not open this.", "0123456789abcdef", null);

    private final Answers answers = new Answers(new Pages(), JsonMapper.shared());

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            X-Requested-With: XMLHttpRequest                                     | true
            Sec-Fetch-Mode: cors; Sec-Fetch-Dest: empty                          | true
            Sec-Fetch-Mode: no-cors; Sec-Fetch-Dest: empty                       | true
            Sec-Fetch-Mode: same-origin; Sec-Fetch-Dest: empty                   | true
            Accept: application/json                                             | true
            Accept: application/vnd.github+json                                  | true
            Connection: Upgrade; Upgrade: websocket                              | true
            Sec-Fetch-Mode: websocket; Sec-Fetch-Dest: websocket                 | true
            Sec-Fetch-Mode: cors; Sec-Fetch-Dest: manifest                       | true
            Sec-Fetch-Mode: same-origin; Sec-Fetch-Dest: serviceworker           | true
            Accept: text/html,application/xhtml+xml,application/json;q=0.9       | false
            Accept: */*                                                          | false
            Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document; Accept: text/html | false
            Sec-Fetch-Mode: navigate; X-Requested-With: XMLHttpRequest           | false
            Sec-Fetch-Mode: no-cors; Sec-Fetch-Dest: image                       | false
            User-Agent: curl/8                                                   | false
            """)
    void cs12RequestsThatCannotFollowALoginAreTold(String headers, boolean background) {
        assertThat(answers.isBackground(exchange(headers))).isEqualTo(background);
    }

    @Test
    void er02ProgramsGetJsonAndPeopleGetAPage() {
        MockServerWebExchange program = exchange("Accept: application/json");
        answers.problem(program, PROBLEM, null).block();
        assertThat(program.getResponse().getBodyAsString().block())
                .isEqualTo("{\"error\":\"forbidden\",\"title\":\"No access\",\"message\":\"You may not open this.\","
                        + "\"ray\":\"0123456789abcdef\"}");
        assertThat(program.getResponse().getHeaders().getFirst("Content-Type")).isEqualTo("application/json");

        MockServerWebExchange person = exchange("Accept: text/html");
        answers.problem(person, PROBLEM, null).block();
        assertThat(person.getResponse().getBodyAsString().block())
                .startsWith("<!DOCTYPE html>")
                .contains("No access");
        assertThat(person.getResponse().getStatusCode().value()).isEqualTo(403);
    }

    @Test
    void er01EveryAnswerCarriesTheSecurityHeaders() {
        for (String accept : new String[] {"Accept: text/html", "Accept: application/json"}) {
            MockServerWebExchange exchange = exchange(accept);
            answers.problem(exchange, PROBLEM, null).block();
            assertGuarded(exchange.getResponse());
        }
        MockServerWebExchange redirected = exchange("Accept: text/html");
        answers.redirect(redirected, "http://auth.localhost/x").block();
        assertGuarded(redirected.getResponse());
        assertThat(redirected.getResponse().getHeaders().getFirst("Location")).isEqualTo("http://auth.localhost/x");
    }

    private static void assertGuarded(MockServerHttpResponse response) {
        HttpHeaders headers = response.getHeaders();
        assertThat(headers.getFirst("Content-Security-Policy"))
                .contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(headers.getFirst("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(headers.getFirst("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(headers.getFirst("Cache-Control")).isEqualTo("no-store");
    }

    private static MockServerWebExchange exchange(String headers) {
        MockServerHttpRequest.BaseBuilder<?> request = MockServerHttpRequest.get("http://wiki.localhost/");
        for (String header : headers.split("; (?=[A-Z])")) {
            String[] parts = header.split(": ", 2);
            request.header(parts[0], parts[1]);
        }
        return MockServerWebExchange.from(request);
    }
}
