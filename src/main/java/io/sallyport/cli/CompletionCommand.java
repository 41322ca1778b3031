package io.sallyport.cli;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** {@code completion}: prints a script that adds completion to a shell. */
@Command(
        name = "completion",
        description = {
            "Print a script that completes commands and options in bash and zsh.",
            "For this shell: source <(sallyport completion)",
            "For every shell: put that line into ~/.bashrc or ~/.zshrc"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final Supplier<CommandLine> everything;

    /** @param everything builds the command line with all verbs; other commands build only the verbs that they need */
    CompletionCommand(Terminal terminal, Supplier<CommandLine> everything) {
        this.terminal = terminal;
        this.everything = everything;
    }

    @Override
    public Integer call() {
        CommandLine root = everything.get();
        root.addSubcommand("gateway", CommandSpec.create());
        root.addSubcommand("demo", CommandSpec.create());
        terminal.out().print(AutoComplete.bash("sallyport", root));
        terminal.out().flush();
        return 0;
    }
}
