package io.sallyport.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Processor time of this process by what its threads are for, as Linux counts it ({@code /proc/self/task}; proc(5)). It knows the
 * threads of the JVM, too, whose time no bean of the JVM tells: what one tells of the compilers is time that passed, which on a busy
 * machine is much more. Elsewhere than on Linux everything is empty.
 */
final class ThreadTimes {
    /** Linux counts in hundredths of a second. */
    private static final double MILLIS = 10;

    private static final int USER = 11;
    private static final int SYSTEM = 12;

    /** What a thread is for. */
    enum Part {
        LOOPS("event loops"),
        STEPS("virtual threads"),
        COMPILERS("compilers"),
        COLLECTOR("collector"),
        OTHERS("others");

        private final String words;

        Part(String words) {
            this.words = words;
        }

        private static Part of(String name) {
            return name.startsWith("reactor-http") || name.startsWith("webflux-http")
                    ? LOOPS
                    : name.startsWith("ForkJoinPool")
                            ? STEPS
                            : name.matches("C[12] Compiler.*")
                                    ? COMPILERS
                                    : name.matches("(GC|G1|Parallel|VM) ?(Thread|Main|Conc|Refine|Service|Scav).*")
                                            ? COLLECTOR
                                            : OTHERS;
        }
    }

    private final Map<Part, Double> millis;

    private ThreadTimes(Map<Part, Double> millis) {
        this.millis = millis;
    }

    /** So far. Threads that have ended are not in it. */
    static ThreadTimes now() throws IOException {
        Map<Part, Double> millis = new EnumMap<>(Part.class);
        Path tasks = Path.of("/proc/self/task");
        if (Files.isDirectory(tasks)) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
                threads.forEach(thread -> line(thread).ifPresent(line -> add(millis, line)));
            }
        }
        return new ThreadTimes(millis);
    }

    private static Optional<String> line(Path thread) {
        try {
            return Optional.of(Files.readString(thread.resolve("stat")));
        } catch (IOException endedMeanwhile) {
            return Optional.empty();
        }
    }

    /** {@code 4711 (C2 CompilerThre) S …}: the name may have spaces and ends at the last parenthesis. */
    private static void add(Map<Part, Double> millis, String line) {
        int end = line.lastIndexOf(')');
        String[] fields = line.substring(end + 2).split(" ");
        double used = (Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM])) * MILLIS;
        millis.merge(Part.of(line.substring(line.indexOf('(') + 1, end)), used, Double::sum);
    }

    /** What one part used since, in milliseconds. */
    double since(ThreadTimes before, Part part) {
        return millis.getOrDefault(part, 0.0) - before.millis.getOrDefault(part, 0.0);
    }

    /** What each part used since, of one of so many things that were done. */
    String since(ThreadTimes before, double done) {
        return Stream.of(Part.values())
                .map(part -> String.format(Locale.ROOT, "%s %.1f ms", part.words, since(before, part) / done))
                .collect(Collectors.joining(", "));
    }
}
