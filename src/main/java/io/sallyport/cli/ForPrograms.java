package io.sallyport.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two ways to ask for a result that a program reads. */
final class ForPrograms {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "json or yaml, for programs")
    private @Nullable Rendering output;

    @Option(names = "--json", description = "The same as --output json")
    private boolean json;

    /**
     * Prints the result if a program asked for it.
     *
     * @return false when it is for people
     */
    boolean print(Object result, Terminal terminal) {
        Rendering rendering = rendering();
        if (rendering == null) {
            return false;
        }
        rendering.print(result, terminal.out());
        return true;
    }

    /** How to print the result; null is for people. */
    @Nullable
    Rendering rendering() {
        return output == null && json ? Rendering.JSON : output;
    }
}
