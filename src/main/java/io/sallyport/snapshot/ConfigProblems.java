package io.sallyport.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The problems that one compilation found, each once. */
final class ConfigProblems {
    private final List<ConfigProblem> found;

    /** @param before problems known before this compilation */
    ConfigProblems(List<ConfigProblem> before) {
        this.found = new ArrayList<>(before);
    }

    void report(String kind, UUID id, String pointer, RuntimeException why) {
        report(kind, id, pointer, String.valueOf(why.getMessage()));
    }

    void report(String kind, UUID id, String pointer, String why) {
        report(kind, id.toString(), pointer, why);
    }

    void report(String kind, String id, String pointer, String why) {
        ConfigProblem problem = new ConfigProblem(kind, id, pointer, why);
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    List<ConfigProblem> all() {
        return List.copyOf(found);
    }
}
