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
        return commandLine(terminal).execute(args.toArray(String[]::new));
    }

    /** What the executable can do, beside {@code gateway} and {@code demo}: a line for each command. */
    public static String summary(Terminal terminal) {
        return commandLine(terminal).getHelp().commandList();
    }

    private static CommandLine commandLine(Terminal terminal) {
        CommandLine root = new CommandLine(new Commands());
        root.addSubcommand(TunnelCommand.commandLine(terminal));
        root.addSubcommand(AuditCommand.commandLine(terminal));
        root.addSubcommand(DecisionsCommand.commandLine(terminal));
        root.addSubcommand(PolicyCommand.commandLine(terminal));
        root.addSubcommand(new ExportCommand(terminal));
        root.addSubcommand(new DiffCommand(terminal));
        root.addSubcommand(new ApplyCommand(terminal));
        root.addSubcommand(AccessCommand.commandLine(terminal));
        return root.setOut(writer(terminal.out()))
                .setErr(writer(terminal.err()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((mistake, args) -> misused(mistake, terminal))
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
            terminal.err().println("sallyport: " + known.getMessage());
            return known.status();
        } else {
            terminal.err().println("sallyport: this should not have happened, please report it:");
            failure.printStackTrace(terminal.err());
        }
        return FAILED;
    }
}
