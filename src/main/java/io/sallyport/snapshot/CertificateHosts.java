package io.sallyport.snapshot;

import io.sallyport.http.HostName;
import java.util.List;
import java.util.Optional;

/**
 * Hosts that demand a client certificate (spec/access-semantics.md §18). The listeners ask for none, so nobody can show one, and an
 * application on such a host admits nobody, whatever its policies say: a demand that cannot be met must not be forgotten.
 */
record CertificateHosts(List<HostName> hosts) {
    static CertificateHosts of(Rows rows) {
        return new CertificateHosts(rows.certificateHosts().stream()
                .map(HostName::parse)
                .flatMap(Optional::stream)
                .toList());
    }

    /** Whether the application answers on one of them, be it by a wildcard. */
    boolean meet(Application application) {
        return application.patterns().stream()
                .anyMatch(pattern -> hosts.stream().anyMatch(pattern::coversHost));
    }
}
