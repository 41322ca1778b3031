package io.sallyport.control;

import io.sallyport.catalog.OrganizationRepository;
import io.sallyport.http.HostName;
import io.sallyport.tunnel.ManagementHost;
import java.util.Locale;
import java.util.Set;

/** Hosts of the product itself, which applications and origins cannot claim (AD-01). */
final class ReservedHosts {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final String consoleDomain;
    private final ManagementHost management;
    private final OrganizationRepository organizations;

    ReservedHosts(String consoleDomain, ManagementHost management, OrganizationRepository organizations) {
        this.management = management;
        this.consoleDomain = consoleDomain.toLowerCase(Locale.ROOT);
        this.organizations = organizations;
    }

    /** Whether the host is the console's. */
    boolean isConsole(String host) {
        return host.equals(consoleDomain) || LOOPBACK.contains(host);
    }

    /** Whether connectors would treat requests for this host as management requests. */
    private boolean isManagement(String host) {
        return HostName.parse(host).map(management::covers).orElse(false);
    }

    /** Refuses a pattern on the console's, the connectors' or the team domain's host. */
    void refuse(String pattern, String pointer) {
        int slash = pattern.indexOf('/');
        String host = slash < 0 ? pattern : pattern.substring(0, slash);
        if (isConsole(host)
                || isManagement(host)
                || host.equals(organizations.get().authDomain())) {
            throw ApiProblem.invalid(pointer, "is a host of Sallyport itself");
        }
    }
}
