package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class AccessLogTest {
    private static final Map<String, String> WRITTEN = Map.of(
            "", "",
            "/plain/path-1.html", "/plain/path-1.html",
            "/gr\u00fc\u00dfe", "/gr\u00fc\u00dfe",
            "say \"hello\"", "say \\\"hello\\\"",
            "back\\slash", "back\\\\slash",
            "one\nline", "one\\u000aline",
            "\033[31m red \177", "\\u001b[31m red \\u007f",
            "\u0085, \u2028 and \u2029", "\\u0085, \\u2028 and \\u2029");

    @Test
    void aValueIsWrittenAsItIsButForWhatWouldEndALineOrForgeOne() {
        WRITTEN.forEach((value, written) -> {
            AccessLog.Line line = new AccessLog.Line(true);
            line.text("path", value);
            line.number("status", 200);

            String json = line.end();
            assertThat(json).isEqualTo("{\"path\":\"" + written + "\",\"status\":200}");
            assertThat(JsonMapper.shared().readTree(json).path("path").asString())
                    .isEqualTo(value);
        });
    }
}
