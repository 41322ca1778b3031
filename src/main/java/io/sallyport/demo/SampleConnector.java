package io.sallyport.demo;

import io.sallyport.connector.Configuration;
import io.sallyport.connector.Connector;
import io.sallyport.connector.ConnectorFile;
import io.sallyport.connector.ConnectorLog;
import io.sallyport.connector.ConnectorSettings;
import io.sallyport.connector.Ingress;
import io.sallyport.tunnel.wire.TunnelCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** The demo's connector, in the gateway's own process: what {@code tunnel run} is on the origin's machine. */
final class SampleConnector implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 15;

    private final Connector connector;

    /**
     * Begins to connect.
     *
     * @param token of the tunnel
     * @param port where the gateway listens for connectors
     * @param ca whom to believe there
     */
    SampleConnector(String token, int port, Path ca) {
        ConnectorSettings settings = ConnectorSettings.usual(
                TunnelCredentials.ofToken(token), List.of("127.0.0.1:" + port), Optional.of(ca), "demo");
        ConnectorFile none = ConnectorFile.parse(Path.of("demo"), "");
        InstantSource clock = InstantSource.system();
        this.connector = new Connector(
                settings,
                Configuration.local(Ingress.NONE, none, Map.of()),
                // Its rules come from the gateway; that it has none of its own would be a warning.
                new ConnectorLog(System.err, ConnectorLog.Level.ERROR, clock),
                clock);
        connector.start();
    }

    /** Waits until requests can come over it; says so when they cannot, and goes on trying. */
    void awaitReady() {
        try {
            connector.whenReady().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            System.err.println("The demo's tunnel is not connected yet; it goes on trying.");
        }
    }

    @Override
    public void close() {
        connector.stop(Duration.ZERO).join();
    }
}
