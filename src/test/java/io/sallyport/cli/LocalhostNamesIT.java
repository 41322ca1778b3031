package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.Nested;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The packaged program finds names under localhost, also where the C library does not. */
class LocalhostNamesIT {
    @Test
    void theFirstNameMayBeLookedUpByAThreadOfTheHttpClient() throws IOException, InterruptedException {
        try (ClosedPort closed = ClosedPort.take()) {
            isLookedUp(closed.number());
        }
    }

    private static void isLookedUp(int closed) throws IOException, InterruptedException {
        Process tcp = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        Path.of("target", "test-classes").toString(),
                        Nested.class.getName(),
                        String.join(File.pathSeparator, System.getProperty("java.class.path")),
                        "access",
                        "tcp",
                        "--hostname",
                        "http://somewhere.localhost:" + closed)
                .redirectErrorStream(true)
                .start();
        tcp.getOutputStream().close();
        String said = new String(tcp.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(tcp.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains("somewhere.localhost").doesNotContain("no host named");
    }
}
