package io.sallyport.control;

import io.sallyport.catalog.OrganizationRepository;
import java.util.Locale;
import java.util.Set;

/** Hosts that are ours: no application and no origin may claim them (AD-01). */
final class ReservedHosts {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final String consoleDomain;
    private final OrganizationRepository organizations;

    ReservedHosts(String consoleDomain, OrganizationRepository organizations) {
        this.consoleDomain = consoleDomain.toLowerCase(Locale.ROOT);
        this.organizations = organizations;
    }

    /** Whether the host is the console's. */
    boolean isConsole(String host) {
        return host.equals(consoleDomain) || LOOPBACK.contains(host);
    }

    /** Refuses a pattern on the console's or the team domain's host. */
    void refuse(String pattern, String pointer) {
        int slash = pattern.indexOf('/');
        String host = slash < 0 ? pattern : pattern.substring(0, slash);
        if (isConsole(host) || host.equals(organizations.get().authDomain())) {
            throw ApiProblem.invalid(pointer, "is a host of Sallyport itself");
        }
    }
}
