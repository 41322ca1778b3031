package io.sallyport.cli;

import io.sallyport.audit.chain.ChainReport;
import io.sallyport.audit.chain.ChainVerifier;
import io.sallyport.audit.chain.Finding;
import io.sallyport.token.CheckpointKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code audit verify}: verifies offline that an export of the trail is complete and unchanged. Otherwise the exit status is 1,
 * with one line for each problem.
 */
@Command(
        name = "verify",
        description = {"Verify an export of the audit trail, offline.", "Get one with: sallyport audit export -o FILE"},
        mixinStandardHelpOptions = true)
final class AuditVerify implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "FILE", description = "The export, or - for standard input.")
    private Path file = Path.of("-");

    @Option(
            names = "--key",
            paramLabel = "ID",
            description =
                    "The id of the key that must have signed, from audit key. Without it the export is only checked against"
                            + " the key that the export itself names.")
    private @Nullable String pinned;

    AuditVerify(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        OneKey key = new OneKey(pinned);
        ChainVerifier verifier = new ChainVerifier(key::open);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(input(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                verifier.line(line);
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + Trouble.with(e), e);
        }
        return tell(verifier.end(), key);
    }

    private InputStream input() throws IOException {
        return file.toString().equals("-") ? terminal.in() : Files.newInputStream(file);
    }

    private int tell(ChainReport report, OneKey key) {
        for (Finding finding : report.findings()) {
            terminal.out()
                    .println("line %d: %s: %s"
                            .formatted(
                                    finding.line(), finding.kind().name().toLowerCase(Locale.ROOT), finding.message()));
        }
        if (!report.intact()) {
            terminal.err().println("sallyport: the trail is NOT intact");
            return 1;
        }
        terminal.out()
                .println("intact: records %d to %d, complete up to %s, signed by key %s"
                        .formatted(
                                report.first(),
                                report.last(),
                                report.end().orElseThrow().at(),
                                key.seen().orElseThrow()));
        if (pinned == null) {
            terminal.err()
                    .println(
                            "sallyport: the key was taken from the file itself; compare it with the key that you noted, or use --key");
        }
        return 0;
    }

    /** Accepts signatures of one key only: the given one, or else the first in the file. */
    private static final class OneKey {
        private @Nullable String kid;
        private boolean used;

        OneKey(@Nullable String kid) {
            this.kid = kid;
        }

        Optional<String> open(String signed) {
            Optional<CheckpointKey.Signed> good = CheckpointKey.verify(signed);
            if (kid == null) {
                kid = good.map(CheckpointKey.Signed::kid).orElse(null);
            }
            Optional<String> payload = good.filter(by -> by.kid().equals(kid)).map(CheckpointKey.Signed::payload);
            used |= payload.isPresent();
            return payload;
        }

        Optional<String> seen() {
            return used ? Optional.ofNullable(kid) : Optional.empty();
        }
    }
}
