package io.sallyport.tunnel;

import io.sallyport.http.HostName;
import java.util.Set;

/**
 * The host at which connectors serve their own log, host details and metrics. A connector accepts every request for
 * that host, because it cannot verify the token; so the edge verifies them, and the host can never be an application's.
 */
public record ManagementHost(HostName name) {
    /** The default hosts of stock connectors. */
    private static final Set<String> USUAL = Set.of("management.argotunnel.com", "management.fed.argotunnel.com");

    /** @throws IllegalArgumentException when the setting is not a host name */
    static ManagementHost of(String setting) {
        return new ManagementHost(HostName.parse(setting)
                .orElseThrow(() -> new IllegalArgumentException(
                        "sallyport.tunnel.management-hostname is not a host name: " + setting)));
    }

    /** Whether a connector could treat a request for this host as a management request. */
    public boolean covers(HostName host) {
        return host.equals(name) || USUAL.contains(host.value());
    }
}
