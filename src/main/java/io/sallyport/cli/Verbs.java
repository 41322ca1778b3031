package io.sallyport.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * The verbs of a command, of which only those are built that the arguments can mean: picocli learns of each option by reflection,
 * which takes longer than most verbs do. A word that is the value of an option may build one verb too many; a line that names none
 * builds all, so that help and suggestions know them.
 */
final class Verbs {
    private final List<String> args;
    private final Map<String, Supplier<?>> makers = new LinkedHashMap<>();

    /** @param args the whole command line; empty builds every verb */
    Verbs(List<String> args) {
        this.args = args;
    }

    /** One more. */
    Verbs or(String name, Supplier<?> command) {
        makers.put(name, command);
        return this;
    }

    /** Adds to the command those that are needed, in their order; returns it. */
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
