package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.Sallyport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands start in a blink, because a JVM of their own loads nothing of the server's. */
class CommandStartupTest {
    private static final List<String> SERVER_ONLY =
            List.of("org.springframework.", "reactor.", "ch.qos.logback.", "org.hibernate.");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "help",
                "version",
                "tunnel --help",
                "policy --help",
                "export --schema",
                "audit verify --help",
                "doctor --help"
            })
    void noCommandLoadsAClassOfTheServer(String command) throws Exception {
        List<String> loaded = classesLoadedBy(command.split(" "));
        assertThat(loaded).anyMatch(line -> line.contains("io.sallyport.Sallyport "));
        assertThat(loaded).noneMatch(line -> SERVER_ONLY.stream().anyMatch(line::contains));
    }

    private static List<String> classesLoadedBy(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xlog:class+load:stdout",
                "-cp",
                System.getProperty("java.class.path"),
                Sallyport.class.getName()));
        line.addAll(List.of(command));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return said;
    }
}
