package io.sallyport.snapshot;

import io.sallyport.catalog.StateFailure;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Builds the first picture before the listener opens, so that a failure ends the start, and follows the database from then on.
 * Only when the listener picks its own port, and with it the issuer, the picture comes right after.
 */
final class SnapshotLifecycle implements SmartLifecycle, ApplicationListener<WebServerInitializedEvent> {
    private final FirstStart firstStart;
    private final SnapshotRefresher refresher;
    private final ConfigListener listener;
    private final PublicAddress address;
    private volatile boolean running;

    SnapshotLifecycle(
            FirstStart firstStart, SnapshotRefresher refresher, ConfigListener listener, PublicAddress address) {
        this.firstStart = firstStart;
        this.refresher = refresher;
        this.listener = listener;
        this.address = address;
    }

    /** Before web servers, which start late and stop early. */
    @Override
    public int getPhase() {
        return 0;
    }

    @Override
    public void start() {
        try {
            firstStart.run();
        } catch (DataAccessException failed) {
            throw new StateFailure(
                    "the database cannot be prepared: "
                            + failed.getMostSpecificCause().getMessage(),
                    failed);
        }
        if (address.known()) {
            begin();
        }
        running = true;
    }

    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() == null && !address.known()) {
            address.listening(event.getWebServer().getPort());
            begin();
        }
    }

    private void begin() {
        refresher.refresh();
        refresher.start();
        listener.start();
    }

    @Override
    public void stop() {
        listener.close();
        refresher.close();
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
