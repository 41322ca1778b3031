package io.sallyport.connector;

import java.time.Duration;
import tools.jackson.databind.JsonNode;

/**
 * Raw TCP that the edge may open to addresses of this network ({@code warp-routing}).
 *
 * @param enabled set by the operator only, never by the edge
 * @param maxActiveFlows 0 for no limit
 */
record PrivateNetwork(boolean enabled, Duration connectTimeout, Duration tcpKeepAlive, int maxActiveFlows) {
    static PrivateNetwork read(JsonNode written, boolean enabled, Spelling spelling) {
        Keys keys = Keys.of("warp-routing", written, spelling);
        return new PrivateNetwork(
                enabled,
                keys.duration("connectTimeout", Duration.ofSeconds(5)),
                keys.duration("tcpKeepAlive", Duration.ofSeconds(30)),
                keys.number("maxActiveFlows", 0));
    }
}
