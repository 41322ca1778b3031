package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.audit.chain.Checkpoint;
import io.sallyport.audit.chain.Link;
import io.sallyport.token.CheckpointKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditVerifyTest {
    private static final CheckpointKey KEY = CheckpointKey.generate();

    @TempDir
    private Path dir;

    @Test
    void aWholeExportIsIntact() throws Exception {
        CliRun run = verify(export("honest"), "--key", KEY.kid());
        assertThat(run.out())
                .isEqualTo("intact: records 1 to 2, complete up to 2026-01-31T12:00:00Z, signed by key " + KEY.kid()
                        + System.lineSeparator());
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void withoutANotedKeyThePersonIsToldWhatThatMeans() throws Exception {
        CliRun run = verify(export("honest"));
        assertThat(run.status()).isZero();
        assertThat(run.err()).contains("taken from the file");
    }

    @Test
    void aChangedExportCostsStatusOneAndNamesTheRecord() throws Exception {
        Path file = export("honest");
        Files.writeString(file, Files.readString(file).replace("honest 1", "nothing"));
        CliRun run = verify(file, "--key", KEY.kid());
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("line 2: changed: record 1 is not the one that record 2 names");
        assertThat(run.err()).contains("NOT intact");
    }

    @Test
    void aForgersOwnKeyIsRefusedWhenTheRightOneWasNoted() throws Exception {
        CliRun run = verify(export("honest"), "--key", "0".repeat(64));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("forged", "truncated");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        CliRun run = verify(dir.resolve("nosuch"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("nosuch");
    }

    private CliRun verify(Path file, String... options) {
        String[] all = new String[3 + options.length];
        all[0] = "audit";
        all[1] = "verify";
        all[2] = file.toString();
        System.arraycopy(options, 0, all, 3, options.length);
        return CliRun.of(Map.of(), dir, all);
    }

    private Path export(String text) throws IOException {
        String first = record(Link.START, text + " 1");
        String second = record(Link.START.next(first), text + " 2");
        Link end = Link.START.next(first).next(second);
        Checkpoint mark = new Checkpoint(end, Instant.parse("2026-01-31T12:00:00Z"), true);
        return Files.write(
                dir.resolve("audit.jsonl"), List.of(first, second, Checkpoint.line(KEY.sign(mark.payload()))));
    }

    private static String record(Link before, String text) {
        return "{\"position\":%d,\"prev\":\"%s\",\"after\":\"%s\"}"
                .formatted(before.position() + 1, before.hash(), text);
    }
}
