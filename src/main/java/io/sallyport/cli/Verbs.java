package io.sallyport.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * The verbs of a command. Only those that the arguments can mean are built, because picocli reads each option by reflection, which
 * takes longer than most verbs do. A word that is the value of an option may build a superfluous verb. A command line without a verb
 * builds all, so that help and suggestions know them.
 */
final class Verbs {
    private final List<String> args;
    private final Map<String, Supplier<?>> makers = new LinkedHashMap<>();

    /** @param args the whole command line; empty builds every verb */
    Verbs(List<String> args) {
        this.args = args;
    }

    /** Adds a verb. */
    Verbs or(String name, Supplier<?> command) {
        makers.put(name, command);
        return this;
    }

    /** Adds the needed verbs to the command, in their order, and returns the command. */
    CommandLine addTo(CommandLine parent) {
        boolean isNamed = makers.keySet().stream().anyMatch(args::contains);
        makers.forEach((name, maker) -> {
            if (!isNamed || args.contains(name)) {
                parent.addSubcommand(name, maker.get());
            }
        });
        return parent;
    }
}
