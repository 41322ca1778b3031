package io.sallyport.connector;

import io.sallyport.http.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A rule about where a {@code socks-proxy} may connect. The first matching rule decides; without a match the connection is refused.
 */
record IpRule(Cidr prefix, List<Integer> ports, boolean allow) {
    static IpRule read(Keys keys) {
        List<Integer> ports = new ArrayList<>();
        for (JsonNode port : keys.list("ports")) {
            if (!port.isIntegralNumber() || port.asLong() < 1 || port.asLong() > HostPort.HIGHEST_PORT) {
                throw invalid(keys, "port " + port + " is not between 1 and " + HostPort.HIGHEST_PORT);
            }
            ports.add(port.asInt());
        }
        try {
            return new IpRule(Cidr.parse(keys.text("prefix", "")), List.copyOf(ports), keys.flag("allow", false));
        } catch (IllegalArgumentException e) {
            throw invalid(keys, String.valueOf(e.getMessage()));
        }
    }

    static boolean allows(List<IpRule> rules, InetAddress address, int port) {
        return rules.stream()
                .filter(rule -> rule.prefix.contains(address) && (rule.ports.isEmpty() || rule.ports.contains(port)))
                .findFirst()
                .map(IpRule::allow)
                .orElse(false);
    }

    private static InvalidConfiguration invalid(Keys keys, String why) {
        return new InvalidConfiguration(
                "%s: unable to create ip rule for socks-proxy: %s".formatted(keys.where(), why));
    }
}
