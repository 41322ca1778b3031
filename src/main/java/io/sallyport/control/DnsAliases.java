package io.sallyport.control;

import io.sallyport.catalog.DnsRecordRow;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What an alias (CNAME) does beside standing among the records: where its content is a tunnel's name, the hostname is bound to that
 * tunnel, and the DNS server is to be told of it. Everything happens in the write that surrounds it, except
 * {@link #tell}.
 */
final class DnsAliases {
    private static final String NAME = "/name";

    private final StoredTunnels tunnels;
    private final TunnelNames names;
    private final HostnameClaims claims;
    private final DnsUpdates updates;

    DnsAliases(StoredTunnels tunnels, TunnelNames names, HostnameClaims claims, DnsUpdates updates) {
        this.tunnels = tunnels;
        this.names = names;
        this.claims = claims;
        this.updates = updates;
    }

    /** Whether an alias with this content leads to a tunnel. */
    boolean isOfTunnel(String content) {
        return names.tunnel(content).isPresent();
    }

    /**
     * The alias that leads a hostname to a tunnel.
     *
     * @throws ApiProblem when the tunnel does not exist or is deleted
     */
    DnsRecordDraft to(UUID tunnel, String hostname) {
        tunnels.living(tunnel);
        return DnsRecordDraft.read(
                Fields.of(JsonNodeFactory.instance
                        .objectNode()
                        .put("type", DnsRecordDraft.ALIAS)
                        .put("name", hostname)
                        .put("content", names.of(tunnel))
                        .put("proxied", true)
                        .put("ttl", 1)),
                ZoneDomain.ALL);
    }

    /**
     * Puts an alias into force; any other record does nothing.
     *
     * @param untold takes the names of which the DNS server is to be told after the commit
     * @return the tunnel the record leads to, null when it leads elsewhere
     */
    @Nullable
    UUID bind(DnsRecordDraft draft, Set<String> untold) {
        if (!draft.isAlias()) {
            return null;
        }
        Optional<UUID> tunnel = names.tunnel(draft.content());
        untold.add(draft.name());
        updates.wish(draft.name(), tunnel.map(names::of).orElse(draft.content()));
        if (tunnel.isEmpty()) {
            return null;
        }
        try {
            tunnels.living(tunnel.get());
        } catch (ApiProblem unknown) {
            throw ApiProblem.dnsRecord(ApiProblem.DNS_RECORD, "/content names a tunnel that does not exist");
        }
        claims.bind(draft.name(), tunnel.get(), HostnameClaims.Source.DNS, NAME);
        return tunnel.get();
    }

    /** Takes an alias out of force; arguments as {@link #bind}. */
    void release(DnsRecordRow row, Set<String> untold) {
        if (row.type().equals(DnsRecordDraft.ALIAS)) {
            untold.add(row.name());
            updates.wish(row.name(), null);
        }
        UUID tunnel = row.tunnel();
        if (tunnel != null) {
            claims.release(row.name(), tunnel, HostnameClaims.Source.DNS);
        }
    }

    /** Tells the DNS server of these names, outside any transaction. */
    void tell(Set<String> untold) {
        untold.forEach(updates::tell);
    }
}
