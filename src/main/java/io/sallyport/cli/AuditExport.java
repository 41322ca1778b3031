package io.sallyport.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code audit export}: writes the trail of admin changes in the format of {@code audit verify}. */
@Command(
        name = "export",
        description = "Write the trail of admin changes, one line of JSON each, with its signed checkpoints.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport audit export -o audit.jsonl",
            "  sallyport audit verify audit.jsonl --key $(cat /safe/place/audit-key)"
        },
        mixinStandardHelpOptions = true)
final class AuditExport implements Callable<Integer> {
    private final Terminal terminal;
    private final ApiOptions api;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only changes after this time: 2h, 3d, today, yesterday, or 2026-01-31T12:00:00Z")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only changes before this time")
    private @Nullable String until;

    @Option(
            names = {"-o", "--output-file"},
            paramLabel = "FILE",
            description = "Where to write (default: standard output)")
    private @Nullable Path file;

    AuditExport(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    @Override
    public Integer call() {
        StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
        add(query, "since", since);
        add(query, "until", until);
        ApiClient client = api.client(terminal);
        String path = client.account() + "/sallyport/audit/export" + query;
        try {
            if (file == null) {
                client.download(path, terminal.out());
                terminal.out().flush();
                return 0;
            }
            try (OutputStream out = Files.newOutputStream(file)) {
                client.download(path, out);
            }
        } catch (IOException e) {
            throw new CommandFailure("the export broke off: " + Trouble.with(e), e);
        }
        return 0;
    }

    private void add(StringJoiner query, String name, @Nullable String moment) {
        if (moment != null) {
            query.add(name + "="
                    + ApiClient.encoded(Moments.read(moment, terminal.clock().instant(), terminal.zone())
                            .toString()));
        }
    }
}
