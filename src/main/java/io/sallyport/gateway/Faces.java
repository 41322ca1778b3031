package io.sallyport.gateway;

import io.sallyport.http.HostName;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.http.TransferHost;
import io.sallyport.tunnel.ManagementHost;
import java.net.InetAddress;
import java.util.Set;

/** Which part of the product answers for a host (ARCHITECTURE.md, Hosts). */
final class Faces {
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final HostName team;
    private final HostName console;
    private final ManagementHost management;

    /** @throws IllegalArgumentException when a configured domain is no host name: a wrong security setting stops the start */
    Faces(EdgeSettings settings, ManagementHost management) {
        team = required("sallyport.auth-domain", settings.authDomain());
        console = required("sallyport.console-domain", settings.consoleDomain());
        this.management = management;
        if (team.equals(console)) {
            throw new IllegalArgumentException("sallyport.auth-domain and sallyport.console-domain must differ");
        }
        if (management.covers(team) || management.covers(console)) {
            throw new IllegalArgumentException(
                    "sallyport.tunnel.management-hostname must differ from sallyport.auth-domain and"
                            + " sallyport.console-domain");
        }
    }

    /**
     * The face of a host.
     *
     * @param peer the socket's other end: the loopback names of the console count on loopback only
     */
    Face of(HostName host, InetAddress peer) {
        if (host.equals(team) || TransferHost.is(host)) {
            return Face.TEAM;
        }
        if (host.equals(console) || (LOOPBACK_NAMES.contains(host.value()) && peer.isLoopbackAddress())) {
            return Face.CONSOLE;
        }
        return management.covers(host) ? Face.MANAGEMENT : Face.APPLICATION;
    }

    private static HostName required(String setting, String value) {
        return HostName.parse(value)
                .orElseThrow(() -> new IllegalArgumentException(setting + " is not a host name: " + value));
    }
}
