package io.sallyport.gateway;

import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.TunnelGrant;
import io.sallyport.snapshot.TunnelSecret;
import io.sallyport.snapshot.Upstream;
import io.sallyport.testkit.TestCertificate;
import io.sallyport.tunnel.TunnelDirectory;
import io.sallyport.tunnel.TunnelPaths;
import io.sallyport.tunnel.TunnelServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Requests through tunnels whose connectors are connected to the replica that the visitor came to. */
class TunnelIT extends TunnelBehaviour {
    private static Edge edge;

    @BeforeAll
    static void start(@TempDir Path files) {
        TestCertificate certificate = TestCertificate.make(files, "h2.cftunnel.com");
        edge = Edge.start(
                "sallyport.tunnel.port=0",
                "sallyport.tunnel.certificate=" + certificate.certificate(),
                "sallyport.tunnel.key=" + certificate.key());
        TunnelId tunnel = new TunnelId(UUID.randomUUID());
        byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        edge.tunnels.put(tunnel, new TunnelGrant(tunnel, "demo", new TunnelSecret(secret), false, 0, null));
        edge.application(HOST, Edge.bypass())
                .origin(HOST, new Upstream.ViaTunnel(tunnel, HOST))
                .publish();
        scene = new Scene(
                edge.port(),
                edge.context().getBean(TunnelServer.class).port(),
                edge.context().getBean(TunnelDirectory.class),
                edge.context().getBean(TunnelPaths.class),
                "0".repeat(32),
                tunnel,
                secret);
    }

    @AfterAll
    static void stop() {
        edge.close();
    }
}
