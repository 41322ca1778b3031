package io.sallyport.cli;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** {@code completion}: the script by which a shell completes commands and options. */
@Command(
        name = "completion",
        description = {
            "Print the script by which bash and zsh complete commands and options.",
            "For this shell: source <(sallyport completion)",
            "For every one: put that line into ~/.bashrc or ~/.zshrc"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final Supplier<CommandLine> everything;

    /** @param everything the command line with all its verbs, which are not built for other commands */
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
