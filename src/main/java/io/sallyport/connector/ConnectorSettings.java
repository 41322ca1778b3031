package io.sallyport.connector;

import io.sallyport.tunnel.wire.TunnelCredentials;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a running tunnel.
 *
 * @param edges where the edge listens, {@code HOST:PORT}; connections spread over all their addresses
 * @param edgeCa a PEM file with the only CA that is trusted for the edge; empty for the CA in the credentials or, if
 *     they have none, the system's roots
 * @param protocol a fixed transport; empty for QUIC with a fall back to HTTP/2
 * @param connections how many to keep
 * @param retries how often the longest wait between two attempts doubles
 * @param rpcTimeout how long the edge may take to answer a call
 * @param grace how long running requests may go on once the end has begun
 * @param tags sent to origins
 * @param features reported in addition to this connector's own
 * @param version reported; shown to admins
 * @param addressFamily 4 or 6 for addresses of that kind only, 0 for both
 * @param bindAddress the local address to dial the edge from; empty for the system's choice
 * @param proxies on the way to HTTP origins
 * @param management settings of its management service
 */
public record ConnectorSettings(
        TunnelCredentials credentials,
        List<String> edges,
        Optional<Path> edgeCa,
        Optional<Protocol> protocol,
        int connections,
        int retries,
        Duration rpcTimeout,
        Duration grace,
        Map<String, String> tags,
        List<String> features,
        Permissions permissions,
        String version,
        int addressFamily,
        Optional<InetAddress> bindAddress,
        OriginProxies proxies,
        ManagementSettings management) {
    /** The default settings. */
    public static ConnectorSettings usual(
            TunnelCredentials credentials, List<String> edges, Optional<Path> edgeCa, String version) {
        return new ConnectorSettings(
                credentials,
                edges,
                edgeCa,
                Optional.empty(),
                4,
                5,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Map.of(),
                List.of(),
                Permissions.NONE,
                version,
                0,
                Optional.empty(),
                OriginProxies.NONE,
                ManagementSettings.USUAL);
    }
}
