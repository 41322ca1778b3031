package io.sallyport.snapshot;

import io.sallyport.http.HostName;
import io.sallyport.mtls.Authority;
import io.sallyport.mtls.Demands;
import io.sallyport.mtls.Pem;
import io.sallyport.mtls.Revocation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Compiles which hosts ask for a client certificate. Results are cached until their row changes, so that a rebuild
 * parses no revocation list again. Thread-safe.
 */
final class DemandCompiler {
    private static final String HOSTNAMES = "associated_hostnames";

    private final Map<UUID, Read> read = new ConcurrentHashMap<>();

    private record Read(Rows.ClientAuthority row, Authority authority) {}

    /**
     * @param report is told each authority that cannot be read, and why; its hosts then do not ask for that authority
     */
    Demands compile(Rows rows, BiConsumer<UUID, String> report) {
        Map<Authority, Set<HostName>> authorities = new LinkedHashMap<>();
        for (Rows.ClientAuthority row : rows.clientAuthorities()) {
            Set<HostName> hosts = hosts(row, report);
            Authority authority = authority(row, report);
            if (authority != null && !hosts.isEmpty()) {
                authorities.put(authority, hosts);
            }
        }
        Set<UUID> present = new HashSet<>();
        rows.clientAuthorities().forEach(row -> present.add(row.id()));
        read.keySet().retainAll(present);
        return Demands.of(authorities, forwarding(rows));
    }

    private static Set<HostName> hosts(Rows.ClientAuthority row, BiConsumer<UUID, String> report) {
        Set<HostName> hosts = new HashSet<>();
        try {
            for (String name : Json.parse(row.body()).texts(HOSTNAMES)) {
                HostName.parse(name).ifPresent(hosts::add);
            }
        } catch (Json.Unreadable unreadable) {
            report.accept(row.id(), unreadable.pointer() + " " + unreadable.getMessage());
        }
        return hosts;
    }

    private @Nullable Authority authority(Rows.ClientAuthority row, BiConsumer<UUID, String> report) {
        Read known = read.get(row.id());
        if (known != null && known.row().sameAuthority(row)) {
            return known.authority();
        }
        try {
            Authority authority = new Authority(
                    row.name(),
                    Pem.authority(row.pem()),
                    Revocation.parse(row.revocation()).orElse(Revocation.REQUIRED),
                    row.list() == null ? null : Pem.list(row.list()));
            read.put(row.id(), new Read(row, authority));
            return authority;
        } catch (Pem.Unusable unusable) {
            report.accept(row.id(), String.valueOf(unusable.getMessage()));
            return null;
        }
    }

    private static Set<HostName> forwarding(Rows rows) {
        Set<HostName> wanted = new HashSet<>();
        for (Json each : Json.parse(rows.certificateSettings()).elements()) {
            String name = each.text("hostname");
            if (name != null && each.flag("client_certificate_forwarding", false)) {
                HostName.parse(name).ifPresent(wanted::add);
            }
        }
        return wanted;
    }
}
