package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** LO-02: what strangers sent stays in its quotes. */
class ConnectorLogTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private String logged(boolean json, String value) {
        InstantSource clock = InstantSource.fixed(Instant.EPOCH);
        PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8);
        (json
                        ? ConnectorLog.json(to, ConnectorLog.Level.INFO, clock)
                        : new ConnectorLog(to, ConnectorLog.Level.INFO, clock))
                .error("Unable to reach the origin service", "originService", value);
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noTerminalObeysWhatAVisitorNamed(boolean json) {
        String line = logged(json, "a\u001b[2J\u009b2J\u007f\nERR:22");

        assertThat(line.chars()).noneMatch(Character::isISOControl);
        assertThat(line).containsIgnoringCase("a\\u001b[2J\\u009b2J\\u007f\\nERR:22");
    }

    @Test
    void jsonStaysWhatWasSaid() {
        String value = "x\u0085\"\\y";
        assertThat(JsonMapper.shared()
                        .readTree(logged(true, value))
                        .path("originService")
                        .asString())
                .isEqualTo(value);
    }
}
