package io.sallyport.mtls;

import io.sallyport.http.HostName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The hosts that ask for a client certificate. */
public final class Demands {
    /** No host asks for one. */
    public static final Demands NONE = new Demands(Map.of());

    private final Map<HostName, Demand> hosts;

    private Demands(Map<HostName, Demand> hosts) {
        this.hosts = Map.copyOf(hosts);
    }

    /**
     * Collects them.
     *
     * @param authorities with the hosts each is for
     * @param forwarding hosts whose origins are told the certificate
     */
    public static Demands of(Map<Authority, Set<HostName>> authorities, Set<HostName> forwarding) {
        Map<HostName, Demand> hosts = new HashMap<>();
        authorities.forEach((authority, names) -> names.forEach(host -> hosts.merge(
                host,
                new Demand(List.of(authority), forwarding.contains(host)),
                (known, more) -> known.and(authority))));
        return new Demands(hosts);
    }

    /** What that host asks for; null when it asks for nothing. */
    public @Nullable Demand of(HostName host) {
        return hosts.get(host);
    }

    /** All of them. */
    public Map<HostName, Demand> hosts() {
        return hosts;
    }
}
