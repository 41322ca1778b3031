package io.sallyport.testkit;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a machine with other work takes from us: a promise of seconds is kept by the gate when it had them, and says nothing while its
 * threads stand in line for a processor.
 */
public final class BusyMachine {
    private static final Path THREADS = Path.of("/proc/self/task");

    private BusyMachine() {}

    /** Time since it was started, and how much more than promised may be taken of it. */
    public static final class Stopwatch {
        private final long begun = System.nanoTime();
        private final Duration waited = waitedForAProcessor();

        /** How long ago it was started. */
        public Duration took() {
            return Duration.ofNanos(System.nanoTime() - begun);
        }

        /** A promise, and as long again as threads of this process have stood in line since. */
        public Duration allowing(Duration promise) {
            Duration more = waitedForAProcessor().minus(waited); // threads that ended take theirs along
            return more.isPositive() ? promise.plus(more) : promise;
        }
    }

    /** How long the threads of this process, one after the other, have stood in line; nothing where the kernel does not say. */
    public static Duration waitedForAProcessor() {
        if (!Files.isReadable(THREADS)) {
            return Duration.ZERO;
        }
        long nanos = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                nanos += waited(thread.resolve("schedstat"));
            }
        } catch (IOException | DirectoryIteratorException unknown) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(nanos);
    }

    /** The second of three numbers: time on a processor, time in line for one, turns. */
    private static long waited(Path statistics) throws IOException {
        try {
            return Long.parseLong(Files.readString(statistics).split(" ")[1]);
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }
}
