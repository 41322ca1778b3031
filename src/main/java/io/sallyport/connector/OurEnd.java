package io.sallyport.connector;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What connections to the edge share, over either transport.
 *
 * @param proxy serves requests
 * @param inbox receives configurations that the edge pushes
 * @param rpcTimeout how long the edge may take to answer on the control stream
 * @param source the local address of connections, with any port; null for the system's choice
 */
record OurEnd(
        OriginProxy proxy,
        ConfigurationInbox inbox,
        Duration rpcTimeout,
        @Nullable InetSocketAddress source) {
    static OurEnd of(OriginProxy proxy, ConfigurationInbox inbox, ConnectorSettings settings) {
        return new OurEnd(
                proxy,
                inbox,
                settings.rpcTimeout(),
                settings.bindAddress()
                        .map(address -> new InetSocketAddress(address, 0))
                        .orElse(null));
    }

    /** A conversation on a new connection's control stream. */
    ControlConversation converse() {
        return new ControlConversation(rpcTimeout, proxy.withdrawn()::take);
    }
}
