package io.sallyport.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * Every command that is not a server. Commands are objects built here with what they need; picocli binds their options and calls
 * them. Exit status, as with cloudflared: 0 done, 1 failed, 255 called wrongly.
 */
@Command(
        name = "sallyport",
        description = "A self-hosted zero-trust access proxy.",
        synopsisSubcommandLabel = "COMMAND")
public final class Commands {
    /** A command was called in a way it does not understand. */
    public static final int USAGE_ERROR = 255;

    private static final int FAILED = 1;

    private Commands() {}

    /** Runs the command that the arguments name; returns its exit status. */
    public static int run(List<String> args, Terminal terminal) {
        return commandLine(terminal, args).execute(args.toArray(String[]::new));
    }

    /** What the executable can do, beside {@code gateway} and {@code demo}: a line for each command. */
    public static String summary(Terminal terminal) {
        return commandLine(terminal, List.of()).getHelp().commandList();
    }

    private static CommandLine commandLine(Terminal terminal, List<String> args) {
        CommandLine root = new Verbs(args)
                .or("tunnel", () -> TunnelCommand.commandLine(terminal, args))
                .or("tail", () -> TailCommand.commandLine(terminal))
                .or("management", () -> ManagementCommand.commandLine(terminal))
                .or("doctor", () -> DoctorCommand.commandLine(terminal))
                .or("audit", () -> AuditCommand.commandLine(terminal))
                .or("decisions", () -> DecisionsCommand.commandLine(terminal))
                .or("policy", () -> PolicyCommand.commandLine(terminal))
                .or("export", () -> new ExportCommand(terminal))
                .or("diff", () -> new DiffCommand(terminal))
                .or("apply", () -> new ApplyCommand(terminal))
                .or("access", () -> AccessCommand.commandLine(terminal))
                .or("completion", () -> new CompletionCommand(terminal, () -> commandLine(terminal, List.of())))
                .addTo(new CommandLine(new Commands()));
        return root.setOut(writer(terminal.out()))
                .setErr(writer(terminal.err()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((mistake, given) -> misused(mistake, terminal))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, terminal));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    private static int misused(ParameterException mistake, Terminal terminal) {
        CommandLine command = mistake.getCommandLine();
        terminal.err().println("sallyport: " + mistake.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(mistake, writer(terminal.err()))) {
            terminal.err().println("Try: " + command.getCommandSpec().qualifiedName(" ") + " --help");
        }
        return USAGE_ERROR;
    }

    private static int failed(Exception failure, Terminal terminal) {
        if (failure instanceof CommandFailure known) {
            Printable.lines(terminal.err(), "sallyport: " + known.getMessage());
            return known.status();
        } else {
            terminal.err().println("sallyport: this should not have happened, please report it:");
            failure.printStackTrace(terminal.err());
        }
        return FAILED;
    }
}
