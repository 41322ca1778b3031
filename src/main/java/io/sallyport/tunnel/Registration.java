package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * One registered connection of a connector (protocol/tunnel-transport.md §7). Tunnel, client and index name its place; a newer
 * connection takes it over.
 *
 * @param id names this connection in logs and answers
 * @param client the connector's process
 * @param index which of its connections, from 0
 * @param protocol {@code http2} or {@code quic}
 * @param originIp where it came from, as the edge sees it
 * @param version as the connector says
 * @param arch as the connector says
 * @param features as the connector says
 */
public record Registration(
        UUID id,
        TunnelId tunnel,
        UUID client,
        int index,
        String protocol,
        String originIp,
        String version,
        String arch,
        List<String> features,
        Instant openedAt) {
    /** Copies the features. */
    public Registration {
        features = List.copyOf(features);
    }
}
