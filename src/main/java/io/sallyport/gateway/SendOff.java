package io.sallyport.gateway;

import io.sallyport.gateway.wire.Visitors;
import java.time.Duration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Sends visitors away when the gateway stops. Closes their connections when running requests have ended, and before the tunnels end,
 * because a request on a connection that is kept alive would find no tunnel.
 */
final class SendOff implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
    /** How long idle connections may take to close by themselves, and then to be closed. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /**
     * Below the web server's two phases ({@code DEFAULT_PHASE} less 1,024 and less 2,048), so that it stops after them, and above that
     * of the tunnels' listeners.
     */
    private static final int PHASE = DEFAULT_PHASE - 4096;

    private final Visitors visitors;
    private volatile boolean isRunning;

    SendOff(Visitors visitors) {
        this.visitors = visitors;
    }

    @Override
    public void start() {
        isRunning = true;
    }

    @Override
    public void stop() {
        isRunning = false;
        visitors.close(PATIENCE);
    }

    /** Before anything stops, so that the answers of requests that run now can say so. */
    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        visitors.sendAway();
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
