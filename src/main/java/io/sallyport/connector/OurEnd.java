package io.sallyport.connector;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What connections to the edge share, over either transport.
 *
 * @param proxy serves requests
 * @param inbox receives configurations that the edge pushes
 * @param rpcTimeout how long the edge may take to answer on the control stream
 * @param bindAddress the local address of connections; empty for the system's choice
 */
record OurEnd(OriginProxy proxy, ConfigurationInbox inbox, Duration rpcTimeout, Optional<InetAddress> bindAddress) {
    static OurEnd of(OriginProxy proxy, ConfigurationInbox inbox, ConnectorSettings settings) {
        return new OurEnd(proxy, inbox, settings.rpcTimeout(), settings.bindAddress());
    }

    /** A conversation on a new connection's control stream. */
    ControlConversation converse() {
        return new ControlConversation(rpcTimeout, proxy.withdrawn()::take);
    }
}
