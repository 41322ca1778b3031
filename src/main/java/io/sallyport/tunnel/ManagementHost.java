package io.sallyport.tunnel;

import io.sallyport.http.HostName;
import java.util.Set;

/**
 * The host at which connectors answer about themselves: their log, their machine, their metrics. To a connector whatever comes in at
 * that host is allowed, because it cannot check a signature; so what comes to it from outside is the edge's own business, and never
 * an application's (protocol/tunnel-transport.md §15.2).
 */
public record ManagementHost(HostName name) {
    /** Where connectors answer that were told nothing else. */
    private static final Set<String> USUAL = Set.of("management.argotunnel.com", "management.fed.argotunnel.com");

    /** @throws IllegalArgumentException when the setting is no host name: a wrong security setting stops the start */
    static ManagementHost of(String setting) {
        return new ManagementHost(HostName.parse(setting)
                .orElseThrow(() -> new IllegalArgumentException(
                        "sallyport.tunnel.management-hostname is not a host name: " + setting)));
    }

    /** Whether some connector may take a request for this host for one about itself. */
    public boolean covers(HostName host) {
        return host.equals(name) || USUAL.contains(host.value());
    }
}
