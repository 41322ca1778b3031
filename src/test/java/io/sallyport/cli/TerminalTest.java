package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void filesOfTheUserLieWhereHomeSaysAndWithoutItWhereTheUserDatabaseDoes() {
        Path known = Path.of(System.getProperty("user.home"));

        assertThat(Terminal.home(Map.of("HOME", "/home/nonroot"))).isEqualTo(Path.of("/home/nonroot"));
        assertThat(Terminal.home(Map.of())).isEqualTo(known);
        assertThat(Terminal.home(Map.of("HOME", ""))).isEqualTo(known);
        assertThat(Terminal.home(Map.of("HOME", "relative"))).isEqualTo(known);
    }
}
