package io.sallyport.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two options by which a program asks for machine-readable results. */
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
     * @return false if no program asked, so the caller prints for people
     */
    boolean print(Object result, Terminal terminal) {
        Rendering rendering = rendering();
        if (rendering == null) {
            return false;
        }
        rendering.print(result, terminal.out());
        return true;
    }

    /** The format of the result; null when it is for people. */
    @Nullable
    Rendering rendering() {
        return output == null && json ? Rendering.JSON : output;
    }
}
