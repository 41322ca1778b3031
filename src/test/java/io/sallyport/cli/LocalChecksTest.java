package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.TestCertificate;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalChecksTest {
    private static final long ROOM = 1L << 40;

    @TempDir
    private Path data;

    private List<String> findings(Map<String, String> more, Instant now, long room) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("SALLYPORT_DATA_DIR", data.toString());
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        Terminal terminal = new Terminal(
                nowhere, nowhere, InputStream.nullInputStream(), environment, data, InstantSource.fixed(now));
        List<Diagnosis> found = new ArrayList<>();
        new LocalChecks(terminal, _ -> room).examine(found);
        return found.stream()
                .map(each -> each.verdict() + ": " + each.sentence())
                .toList();
    }

    @Test
    void aDiskWithoutRoomIsSaidBeforeAnythingElseOfTheDataFolder() throws Exception {
        Files.writeString(data.resolve("admin-token"), "token");
        assertThat(findings(Map.of(), Instant.now(), ROOM)).anyMatch(each -> each.contains("bootstrap token exist"));
        assertThat(findings(Map.of(), Instant.now(), 3L << 20))
                .anyMatch(each -> each.startsWith("failed: The disk of " + data + " has 3 MiB left"));
    }

    @Test
    void aCertificateThatHasEndedIsNamedWithItsFileAndItsEnd() throws Exception {
        Path file = TestCertificate.make(data, "gate.localhost").certificate();
        Map<String, String> set = Map.of("SALLYPORT_TLS_CERTIFICATE", file.toString());

        assertThat(findings(set, Instant.now(), ROOM))
                .anyMatch(each -> each.startsWith("ok: The certificate in " + file));
        assertThat(findings(set, Instant.now().plus(Duration.ofDays(36_500)), ROOM))
                .anyMatch(each -> each.startsWith("failed: The certificate in " + file + " ended at "));
        Files.writeString(file, "garbage");
        assertThat(findings(set, Instant.now(), ROOM))
                .anyMatch(each -> each.contains(file + " is not a readable certificate"));
    }
}
