package io.sallyport.snapshot;

import io.sallyport.http.HostTable;
import io.sallyport.http.UrlPattern;
import io.sallyport.identity.TunnelId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Compiles what lies behind which place: the origins that the gateway reaches itself, and the hostnames of tunnels. A place has one
 * origin; whoever comes second is a problem.
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
        // Last, so that whatever somebody wrote comes first.
        for (Rows.TunnelHostname row : rows.tunnelHostnames()) {
            DeepWildcard.below(row.hostname()).forEach(place -> add(place, viaTunnel(row)));
        }
        return HostTable.of(entries);
    }

    private void direct(Rows.Origin row) {
        try {
            UrlPattern place = UrlPattern.parse(row.hostname() + row.path());
            if (taken.add(place)) { // also by one that cannot be read: no other may slip into its place
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
