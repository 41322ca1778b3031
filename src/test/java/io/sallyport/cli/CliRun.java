package io.sallyport.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** One command as a shell would run it, in this process. */
record CliRun(int status, String out, String err) {
    static CliRun of(Map<String, String> environment, Path home, String... args) {
        return of(environment, home, terminal -> Commands.run(List.of(args), terminal));
    }

    /** A command that is run otherwise than by its name; it answers with its exit status. */
    static CliRun of(Map<String, String> environment, Path home, ToIntFunction<Terminal> command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                environment,
                home,
                InstantSource.system());
        int status = command.applyAsInt(terminal);
        return new CliRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
