package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.connector.ConnectorLog.Level;
import io.sallyport.connector.LogLine.Kind;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class LogFilterTest {
    private static LogFilter read(String json) {
        return LogFilter.read(JsonMapper.shared().readTree(json));
    }

    private static LogLine line(Level level, Kind kind) {
        return new LogLine(Instant.EPOCH, level, kind, "x", List.of());
    }

    /** What comes through, as {@code LEVEL KIND}. */
    private static List<String> through(LogFilter filter) {
        return Stream.of(Level.values())
                .flatMap(level -> EnumSet.allOf(Kind.class).stream()
                        .filter(kind -> filter.takes(line(level, kind), () -> 0))
                        .map(kind -> level + " " + kind))
                .toList();
    }

    @Test
    void withoutWordsEverythingComes() {
        int all = Level.values().length * Kind.values().length;
        assertThat(through(read("null"))).hasSize(all);
        assertThat(through(read("{}"))).hasSize(all);
        assertThat(through(read("{\"events\":[],\"level\":null,\"sampling\":0}")))
                .hasSize(all);
        assertThat(
                        through(
                                read(
                                        "{\"events\":[\"cloudflared\",\"http\",\"tcp\",\"udp\"],\"level\":\"debug\",\"sampling\":1.0}")))
                .hasSize(all);
    }

    @Test
    void levelAndEventsBothMustFit() {
        assertThat(through(read("{\"events\":[\"http\",\"tcp\"],\"level\":\"error\"}")))
                .containsExactly("ERROR HTTP", "ERROR TCP", "FATAL HTTP", "FATAL TCP");
        assertThat(through(read("{\"level\":\"warn\",\"events\":[\"udp\"]}")))
                .containsExactly("WARN UDP", "ERROR UDP", "FATAL UDP");
    }

    @ParameterizedTest
    @CsvSource({"0.25, 0.24, true", "0.25, 0.25, false", "1.5, 0.99, true", "-1, 0.99, true", "0.01, 0.5, false"})
    void aShareIsDrawnByLot(double sampling, double lot, boolean taken) {
        assertThat(read("{\"sampling\":" + sampling + "}").takes(line(Level.INFO, Kind.HTTP), () -> lot))
                .isEqualTo(taken);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "\"debug\"",
                "{\"level\":\"trace\"}",
                "{\"level\":3}",
                "{\"events\":\"http\"}",
                "{\"events\":[\"https\"]}",
                "{\"events\":[1]}",
                "{\"sampling\":\"0.5\"}"
            })
    void whatCannotBeMeantIsNamed(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(LogFilter.Unclear.class)
                .hasMessageStartingWith("filters");
    }

    @Test
    void aLineIsWrittenAsClientsReadIt() {
        LogLine line = new LogLine(
                Instant.parse("2026-11-27T12:00:00.5Z"), Level.FATAL, Kind.HTTP, "GET /", List.of("host", "a", "odd"));
        assertThat(JsonMapper.shared().writeValueAsString(line.json()))
                .isEqualTo("{\"time\":\"2026-11-27T12:00:00.500Z\",\"level\":\"error\",\"message\":\"GET /\","
                        + "\"event\":\"http\",\"fields\":{\"host\":\"a\"}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                bad token eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl here       | bad token *** here
                run with eyJhIjoiMDEyMyIsInQiOiJ4In0=                             | run with ***
                Authorization: Bearer abc.def-ghi, then more                      | ***, then more
                GET /x?access_token=abc&b=1                                       | GET /x?access_***&b=1
                dial http://ada:lovelace@10.0.0.5:80/                             | dial http://***@10.0.0.5:80/
                the token is over                                                 | the token is over
                connection refused: 127.0.0.1:8080                                | connection refused: 127.0.0.1:8080""")
    void whatLooksLikeACredentialIsMasked(String text, String masked) {
        assertThat(LogLine.masked(text)).isEqualTo(masked);
    }
}
