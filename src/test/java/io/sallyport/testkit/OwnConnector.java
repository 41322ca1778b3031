package io.sallyport.testkit;

import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Configuration;
import io.sallyport.connector.Connector;
import io.sallyport.connector.ConnectorFile;
import io.sallyport.connector.ConnectorLog;
import io.sallyport.connector.ConnectorSettings;
import io.sallyport.connector.ManagementSettings;
import io.sallyport.connector.OriginProxies;
import io.sallyport.connector.Permissions;
import io.sallyport.connector.Protocol;
import io.sallyport.tunnel.wire.TunnelCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Our own connector in a test's process, for an edge in the same process. */
public final class OwnConnector {
    private OwnConnector() {}

    /**
     * Starts one and waits until all its connections are in service.
     *
     * @param port where the edge serves connectors
     * @param authority whom it believes that this is the edge, PEM
     * @param configuration as in config.yml
     */
    public static Connector start(
            TunnelCredentials credentials,
            int port,
            Path authority,
            Protocol protocol,
            int connections,
            String configuration) {
        ConnectorSettings settings = new ConnectorSettings(
                credentials,
                List.of("127.0.0.1:" + port),
                Optional.of(authority),
                Optional.of(protocol),
                connections,
                5,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Map.of(),
                List.of(),
                Permissions.NONE,
                "test",
                0,
                Optional.empty(),
                OriginProxies.NONE,
                ManagementSettings.USUAL);
        ConnectorFile file = ConnectorFile.parse(Path.of("test.yml"), configuration);
        InstantSource clock = InstantSource.system();
        Connector connector = new Connector(
                settings,
                Configuration.local(file.ingress(), file, Map.of()),
                new ConnectorLog(System.err, ConnectorLog.Level.INFO, clock),
                clock);
        connector.start();
        await().atMost(Duration.ofMinutes(1)).until(() -> connector.readyConnections() == connections);
        return connector;
    }
}
