package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * One registered connection of a connector. Tunnel, client and index identify its
 * place; a newer connection with the same place replaces it.
 *
 * @param id of this connection in logs and answers
 * @param client id of the connector's process
 * @param index number of the connection in that process, from 0
 * @param protocol {@code http2} or {@code quic}
 * @param originIp the connector's address, as the edge sees it
 * @param version as the connector reports it
 * @param arch as the connector reports it
 * @param features as the connector reports them
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
