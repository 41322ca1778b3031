package io.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code export}: the whole configuration as one file. */
@Command(
        name = "export",
        description = "Write the whole configuration as one YAML file, with names instead of ids and without secrets.",
        mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Option(names = "--schema", description = "Write the JSON Schema of the file instead, for editors")
    private boolean schema;

    @Option(
            names = {"-o", "--output-file"},
            paramLabel = "FILE",
            description = "Where to write (default: standard output)")
    private @Nullable Path file;

    ExportCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        String text = schema ? schema() : exported();
        if (file == null) {
            terminal.out().print(text);
            terminal.out().flush();
            return 0;
        }
        try {
            Files.writeString(file, text);
            return 0;
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + ": " + Trouble.with(e), e);
        }
    }

    private String exported() {
        ApiClient client = api.client(terminal);
        return ConfigText.write(client.get(client.account() + "/sallyport/export"));
    }

    private static String schema() {
        try (InputStream in =
                Objects.requireNonNull(ExportCommand.class.getResourceAsStream("/schema/sallyport.schema.json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CommandFailure("the schema cannot be read", e);
        }
    }
}
