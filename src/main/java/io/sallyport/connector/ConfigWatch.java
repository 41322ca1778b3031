package io.sallyport.connector;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Polls a configuration file and applies its rules when its text has changed. Polling is more reliable than file system
 * events, which miss some ways in which editors and Kubernetes replace a file or a link on the path to it. An invalid
 * file is reported once and ignored. A change is applied only when two polls read the same text, because a half-written
 * file can be valid and demand less, for instance without {@code access.required}.
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
     * Starts polling.
     *
     * @param first the current text
     * @param read parses the file
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

    /** Polls once. */
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
            // Polling goes on after any exception that a file causes.
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(lastProblem)) {
                lastProblem = problem;
                log.error("The changed config file is invalid; the old rules stay in use", "error", problem);
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
