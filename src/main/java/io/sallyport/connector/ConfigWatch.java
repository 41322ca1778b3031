package io.sallyport.connector;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a config file now and then and runs its rules when its text has changed. Looking beats listening here: editors and
 * Kubernetes replace the file, or a link on the way to it, in ways that file system events miss. A file that cannot be run is
 * reported once and changes nothing. What was read must be there again at the next look: half a file may be a whole one that
 * demands less, without {@code access.required} for instance.
 */
public final class ConfigWatch implements AutoCloseable {
    private final Path file;
    private final Connector connector;
    private final Function<ConnectorFile, Configuration> read;
    private final ConnectorLog log;
    private final Thread thread;
    private ConnectorFile last;
    private @Nullable ConnectorFile fresh;
    private String lastProblem = "";

    /**
     * Begins to look.
     *
     * @param first what runs now
     * @param read turns the file into what is to run
     */
    public ConfigWatch(
            ConnectorFile first,
            Connector connector,
            Function<ConnectorFile, Configuration> read,
            ConnectorLog log,
            Duration interval) {
        this.file = first.path();
        this.last = first;
        this.connector = connector;
        this.read = read;
        this.log = log;
        this.thread = Thread.ofVirtual().name("config watch").start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    Thread.sleep(interval);
                } catch (InterruptedException e) {
                    return;
                }
                look();
            }
        });
    }

    /** Looks once. */
    void look() {
        try {
            ConnectorFile now = ConnectorFile.read(file);
            if (now.document().equals(last.document())) {
                lastProblem = "";
                fresh = null;
                return;
            }
            boolean settled = fresh != null && now.document().equals(fresh.document());
            fresh = now;
            if (!settled) {
                return;
            }
            connector.reload(read.apply(now));
            last = now;
            lastProblem = "";
        } catch (RuntimeException e) {
            // Whatever a file makes of whoever reads it, the watch goes on.
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(lastProblem)) {
                lastProblem = problem;
                log.error("The changed config file cannot be run; the old rules go on", "error", problem);
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
