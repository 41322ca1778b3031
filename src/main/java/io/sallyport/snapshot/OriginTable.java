package io.sallyport.snapshot;

import io.sallyport.http.HostTable;
import io.sallyport.http.UrlPattern;
import io.sallyport.identity.TunnelId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Compiles the table of origins by host and path: those that the gateway reaches directly, and the hostnames of
 * tunnels. A second origin for the same place is reported as a problem.
 */
final class OriginTable {
    private final ConfigProblems problems;
    private final List<HostTable.Entry<Upstream>> entries = new ArrayList<>();
    private final Set<UrlPattern> taken = new HashSet<>();

    OriginTable(ConfigProblems problems) {
        this.problems = problems;
    }

    HostTable<Upstream> compile(Rows rows) {
        rows.origins().forEach(this::direct);
        rows.tunnelHostnames().forEach(this::tunnel);
        // Last, so that explicitly configured origins take precedence.
        for (Rows.TunnelHostname row : rows.tunnelHostnames()) {
            DeepWildcard.below(row.hostname()).forEach(place -> add(place, viaTunnel(row)));
        }
        return HostTable.of(entries);
    }

    private void direct(Rows.Origin row) {
        try {
            UrlPattern place = UrlPattern.parse(row.hostname() + row.path());
            if (taken.add(place)) { // also when it cannot be read: no other origin may take its place
                entries.add(new HostTable.Entry<>(place, entries.size(), OriginCompiler.compile(row)));
            } else {
                problems.report("origin", row.id(), "/hostname", place + " has an origin already");
            }
        } catch (Json.Unreadable unreadable) {
            problems.report("origin", row.id(), unreadable.pointer(), unreadable);
        } catch (IllegalArgumentException bad) {
            problems.report("origin", row.id(), "/hostname", bad);
        }
    }

    private void tunnel(Rows.TunnelHostname row) {
        try {
            UrlPattern place = UrlPattern.parse(row.hostname());
            if (!add(place, viaTunnel(row))) {
                problems.report("tunnel", row.tunnel(), "/hostname", place + " has an origin already");
            }
        } catch (IllegalArgumentException bad) {
            problems.report("tunnel", row.tunnel(), "/hostname", bad);
        }
    }

    private boolean add(UrlPattern place, Upstream upstream) {
        boolean free = taken.add(place);
        if (free) {
            entries.add(new HostTable.Entry<>(place, entries.size(), upstream));
        }
        return free;
    }

    private static Upstream viaTunnel(Rows.TunnelHostname row) {
        return new Upstream.ViaTunnel(new TunnelId(row.tunnel()), row.hostname());
    }
}
