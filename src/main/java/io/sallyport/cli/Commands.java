package io.sallyport.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * All commands that are not servers. They are created here with what they depend on; picocli binds their options and calls
 * them. Exit status, as with cloudflared: 0 success, 1 failure, 255 wrong usage.
 */
@Command(
        name = "sallyport",
        description = "A self-hosted zero-trust access proxy.",
        synopsisSubcommandLabel = "COMMAND")
public final class Commands {
    /** The command was used wrongly. */
    public static final int USAGE_ERROR = 255;

    private static final int FAILED = 1;

    private Commands() {}

    /** Runs the command that the arguments name; returns its exit status. */
    public static int run(List<String> args, Terminal terminal) {
        return commandLine(terminal, args).execute(args.toArray(String[]::new));
    }

    /** One line for each command, without {@code gateway} and {@code demo}. */
    public static String summary(Terminal terminal) {
        return commandLine(terminal, List.of()).getHelp().commandList();
    }

    private static CommandLine commandLine(Terminal terminal, List<String> args) {
        CommandLine root = new Verbs(args)
                .or("tunnel", () -> TunnelCommand.commandLine(terminal, args))
                .or("tail", () -> TailCommand.commandLine(terminal))
                .or("service", () -> ServiceCommand.commandLine(terminal))
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
        versioned(root);
        return root.setOut(writer(terminal.out()))
                .setErr(writer(terminal.err()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((mistake, given) -> misused(mistake, terminal))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, terminal));
    }

    /** Adds --version to a command and its subcommands. */
    private static void versioned(CommandLine command) {
        command.getCommandSpec().version(version());
        command.getSubcommands().values().forEach(Commands::versioned);
    }

    /** The name and version of this build. */
    public static String version() {
        String version = Commands.class.getPackage().getImplementationVersion();
        return "sallyport " + (version == null ? "(development)" : version);
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    private static int misused(ParameterException mistake, Terminal terminal) {
        CommandLine command = mistake.getCommandLine();
        Printable.lines(terminal.err(), "sallyport: " + words(mistake));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(mistake, writer(terminal.err()))) {
            terminal.err().println("Try: " + command.getCommandSpec().qualifiedName(" ") + " --help");
        }
        return USAGE_ERROR;
    }

    /** Names the superfluous word itself; picocli's message would name it by its index. */
    private static String words(ParameterException mistake) {
        if (mistake instanceof CommandLine.UnmatchedArgumentException extra && !extra.isUnknownOption()) {
            String first = extra.getUnmatched().getFirst();
            CommandLine command = mistake.getCommandLine();
            String called = command.getCommandSpec().qualifiedName(" ");
            return command.getSubcommands().isEmpty()
                    ? called + " does not expect '" + first + "'"
                    : "there is no command " + called + " " + first;
        }
        return String.valueOf(mistake.getMessage());
    }

    private static int failed(Exception failure, Terminal terminal) {
        if (failure instanceof CommandFailure known) {
            Printable.lines(terminal.err(), "sallyport: " + known.getMessage());
            return known.status();
        } else {
            terminal.err().println("sallyport: unexpected error, please report it:");
            failure.printStackTrace(terminal.err());
        }
        return FAILED;
    }
}
