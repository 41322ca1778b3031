package io.sallyport.gateway;

import static org.awaitility.Awaitility.await;

import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.TunnelGrant;
import io.sallyport.snapshot.TunnelSecret;
import io.sallyport.snapshot.Upstream;
import io.sallyport.testkit.OwnConnector;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.tunnel.TunnelPaths;
import io.sallyport.tunnel.TunnelServer;
import io.sallyport.tunnel.wire.TunnelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An edge that serves connectors, with a certificate by an authority of its own, and our own connectors that believe it. */
final class TunnelledEdge implements AutoCloseable {
    static final String ACCOUNT = "0".repeat(32);
    /** Opens each of its tunnels. */
    static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    final Edge edge;
    private final Path authority;

    private TunnelledEdge(Edge edge, Path authority) {
        this.edge = edge;
        this.authority = authority;
    }

    /** @param files where its certificate lies */
    static TunnelledEdge start(Path files) {
        TestAuthority authority = new TestAuthority("tunnel");
        Path certificate = files.resolve("edge.crt");
        Path key = files.resolve("edge.key");
        authority.issue("h2.cftunnel.com", "quic.cftunnel.com").write(certificate, key);
        try {
            return new TunnelledEdge(
                    Edge.start(
                            "sallyport.tunnel.port=0",
                            "sallyport.tunnel.certificate=" + certificate,
                            "sallyport.tunnel.key=" + key),
                    Files.writeString(files.resolve("ca.pem"), authority.pem()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tunnel that connectors may serve, once the edge is told to publish. */
    TunnelledEdge grant(TunnelId tunnel) {
        edge.tunnels.put(tunnel, new TunnelGrant(tunnel, "demo", new TunnelSecret(SECRET), false, 0, null));
        return this;
    }

    /** A host that is open to everybody and behind that tunnel. */
    TunnelledEdge host(String host, TunnelId tunnel) {
        edge.application(host, Edge.bypass()).origin(host, new Upstream.ViaTunnel(tunnel, host));
        return this;
    }

    /** Makes the world so. */
    TunnelledEdge publish() {
        edge.publish();
        return this;
    }

    /** Where connectors dial. */
    int connectorPort() {
        return edge.context().getBean(TunnelServer.class).port();
    }

    /**
     * A connector, all of whose connections are in service.
     *
     * @param configuration as in config.yml
     */
    Connector connect(TunnelId tunnel, Protocol protocol, int connections, String configuration) {
        return connect(connectorPort(), tunnel, protocol, connections, configuration);
    }

    /** A connector that dials another port, from where its way leads to the edge. */
    Connector connect(int port, TunnelId tunnel, Protocol protocol, int connections, String configuration) {
        TunnelCredentials credentials =
                new TunnelCredentials(ACCOUNT, tunnel.value(), new io.sallyport.tunnel.wire.TunnelSecret(SECRET));
        return OwnConnector.start(credentials, port, authority, protocol, connections, configuration);
    }

    /** Ends it at once, and waits until the gate has noticed: what is sent before might go to a connection that is no more. */
    void disconnect(Connector connector, TunnelId tunnel) {
        connector.stop(Duration.ZERO).join();
        awaitNobodyAt(tunnel);
    }

    /** Until no connector serves it. */
    void awaitNobodyAt(TunnelId tunnel) {
        TunnelPaths paths = edge.context().getBean(TunnelPaths.class);
        await("the gate to notice")
                .atMost(Duration.ofSeconds(20))
                .until(() -> paths.next(tunnel, List.of()).isEmpty());
    }

    @Override
    public void close() {
        edge.close();
    }
}
