package io.sallyport.connector;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What connections to the edge have in common, whatever their transport.
 *
 * @param proxy takes requests
 * @param inbox takes configurations that the edge pushes
 * @param rpcTimeout how long the edge may take to answer on the control stream
 * @param bindAddress where connections start from; empty leaves it to the system
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
