package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictJsonTest {
    @Test
    void readObjectTakesAnEmptyBodyAsAnEmptyObject() {
        assertThat(StrictJson.readObject(new byte[0]).isEmpty()).isTrue();
        assertThat(StrictJson.readObject(bytes("  \n")).isEmpty()).isTrue();
    }

    @Test
    void readObjectKeepsNumbersAsWritten() {
        assertThat(StrictJson.readObject(bytes("{\"a\":1.50,\"b\":12345678901234567890}")))
                .hasToString("{\"a\":1.50,\"b\":12345678901234567890}");
    }

    @DisplayName("AD-04, AD-08: a body that could be read in two ways, or not be stored, is refused")
    @ParameterizedTest(name = "{1}: {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":1,\"a\":2}|repeated",
                "{\"a\":{\"b\":1,\"b\":1}}|repeated",
                "{\"a\":1}x|not JSON",
                "{\"a\":1}{\"b\":1}|not JSON",
                "{\"a\":|not JSON",
                "{'a':1}|not JSON",
                "{\"a\":NaN}|not JSON",
                "{/*c*/}|not JSON",
                "[]|must be a JSON object",
                "\"a\"|must be a JSON object",
                "null|must be a JSON object",
                "{\"a\":\"\\u0000\"}|/a holds a character",
                "{\"a\":[\"\\ud800\"]}|/a/0 holds a character",
                "{\"a\":1e9999}|/a is a number out of range"
            })
    void readObjectRefuses(String body, String why) {
        assertThatExceptionOfType(ApiProblem.class)
                .isThrownBy(() -> StrictJson.readObject(bytes(body)))
                .withMessageContaining(why)
                .satisfies(problem -> assertThat(problem.status().value()).isEqualTo(400));
    }

    @Test
    @DisplayName("AD-08: 32 levels are read, 33 are not")
    void readObjectBoundsTheDepth() {
        String deep = "{\"a\":".repeat(31) + "{}" + "}".repeat(31);
        assertThat(StrictJson.readObject(bytes(deep)).has("a")).isTrue();
        assertThatExceptionOfType(ApiProblem.class)
                .isThrownBy(() -> StrictJson.readObject(bytes("{\"a\":" + deep + "}")))
                .withMessageContaining("nested");
    }

    @Test
    void readObjectRefusesInvalidUtf8() {
        assertThatExceptionOfType(ApiProblem.class)
                .isThrownBy(() -> StrictJson.readObject("{\"a\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1)))
                .withMessageContaining("UTF-8");
    }

    @Test
    @DisplayName("AD-05: a parse error does not repeat what was sent")
    void readObjectDoesNotQuoteTheBody() {
        assertThatExceptionOfType(ApiProblem.class)
                .isThrownBy(() -> StrictJson.readObject(bytes("{\"client_secret\": hunter2}")))
                .satisfies(problem -> assertThat(problem.getMessage()).doesNotContain("hunter"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
