package io.sallyport.gateway;

import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.TunnelDirectory;
import io.sallyport.tunnel.TunnelPaths;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Requests through tunnels whose connectors are connected to the replica that the visitor came to. */
class TunnelIT extends TunnelBehaviour {
    private static TunnelledEdge gate;

    @BeforeAll
    static void start(@TempDir Path files) {
        gate = TunnelledEdge.start(files);
        TunnelId tunnel = new TunnelId(UUID.randomUUID());
        gate.grant(tunnel).host(HOST, tunnel).publish();
        Edge edge = gate.edge;
        scene = new Scene(
                edge.port(),
                gate.connectorPort(),
                edge.context().getBean(TunnelDirectory.class),
                edge.context().getBean(TunnelPaths.class),
                TunnelledEdge.ACCOUNT,
                tunnel,
                TunnelledEdge.SECRET);
    }

    @AfterAll
    static void stop() {
        gate.close();
    }
}
