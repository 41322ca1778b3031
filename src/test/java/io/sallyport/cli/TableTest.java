package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A connector says of itself what it likes, and an admin looks at it. */
class TableTest {
    @Test
    void lo02NoCellIsObeyedByTheTerminal() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        new Table("id", "version")
                .row("1", "2026.1\u001b]0;owned\u0007\r\nconnector 2 \u009b2J")
                .row("2", "2026.2")
                .print(new PrintStream(out, true, StandardCharsets.UTF_8));

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(3)
                .noneMatch(line -> line.chars().anyMatch(Character::isISOControl));
    }
}
