package io.sallyport.snapshot;

import io.sallyport.policy.CompiledPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Caches compiled applications by the rows they were compiled from. Thread-safe. */
final class CompiledApplications {
    private final Map<UUID, Known> known = new ConcurrentHashMap<>();
    private volatile @Nullable KnownPages lastPages;

    private record KnownPages(List<Rows.Page> rows, Rows.Organization organization, CustomPages pages) {}

    private record Known(
            Rows.App row,
            List<String> destinations,
            CompiledPolicy policy,
            CustomPages pages,
            Application application) {
        boolean fits(
                Rows.App other, List<String> otherDestinations, CompiledPolicy otherPolicy, CustomPages otherPages) {
            return policy == otherPolicy
                    && pages == otherPages
                    && row.equals(other)
                    && destinations.equals(otherDestinations);
        }
    }

    /**
     * The custom pages of these rows: the cached object while the rows and the organisation's assignment are unchanged.
     */
    CustomPages pages(Rows rows) {
        KnownPages before = lastPages;
        if (before != null
                && before.organization().equals(rows.organization())
                && before.rows().equals(rows.pages())) {
            return before.pages();
        }
        CustomPages pages = new CustomPages(rows.pages(), rows.organization());
        lastPages = new KnownPages(rows.pages(), rows.organization(), pages);
        return pages;
    }

    /**
     * The application of this row.
     *
     * @throws Json.Unreadable naming the member at fault
     */
    Application of(Rows.App row, List<String> destinations, CompiledPolicy policy, CustomPages pages) {
        Known before = known.get(row.id());
        if (before != null && before.fits(row, destinations, policy, pages)) {
            return before.application();
        }
        Application application = ApplicationCompiler.compile(row, destinations, policy, pages);
        known.put(row.id(), new Known(row, List.copyOf(destinations), policy, pages, application));
        return application;
    }

    /** Drops deleted applications. */
    void retain(Set<UUID> applications) {
        known.keySet().retainAll(applications);
    }
}
