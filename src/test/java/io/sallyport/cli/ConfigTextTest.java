package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ConfigTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "yes",
                "no",
                "on",
                "null",
                "~",
                "1",
                "1.0",
                "0x1F",
                "1e3",
                "1_000",
                "2026-01-31",
                "12:30",
                "a: b",
                "- a",
                "#a",
                " a",
                "a ",
                "",
                "&a",
                "*a",
                "!a",
                "'a'",
                "\"a\"",
                "%a",
                "@a",
                "{a",
                "[a",
                "a\nb",
                "ä€",
                "\\",
                "|",
                ">",
                "8h",
                "=",
                "<<",
                "true",
                "False",
                ".5",
                "+1",
                "0o17",
                "017",
                "a\tb",
                "---",
                "?"
            })
    void whateverATextIsItIsTheSameTextAfterYaml(String text) {
        ObjectNode document = JsonMapper.shared().createObjectNode().put("value", text);
        document.putArray("list").add(text).addObject().put("x" + text, text);

        String yaml = ConfigText.write(document);

        Terminal terminal = new Terminal(
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)),
                Map.of(),
                Path.of("."),
                InstantSource.system());
        assertThat(ConfigText.read("-", terminal)).as(yaml).isEqualTo(document);
    }
}
