package io.sallyport.snapshot;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The issuers whose tokens say which workload is calling, by their {@code iss}. */
public record WorkloadIssuers(Map<String, Entry> byIssuer) {
    /** Copies the map. */
    public WorkloadIssuers {
        byIssuer = Map.copyOf(byIssuer);
    }

    /**
     * One issuer.
     *
     * @param audience what {@code aud} of its tokens must hold
     * @param singleUse whether one token is exchanged at most once for each application
     */
    public record Entry(UUID id, String name, String issuer, URI jwksUrl, String audience, boolean singleUse) {}

    /** The issuer with that id, if it is still registered. */
    public Optional<Entry> byId(UUID id) {
        return byIssuer.values().stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    static WorkloadIssuers of(Rows rows) {
        return new WorkloadIssuers(rows.workloadIssuers().stream()
                .map(row -> new Entry(
                        row.id(), row.name(), row.issuer(), URI.create(row.jwksUrl()), row.audience(), row.singleUse()))
                .collect(Collectors.toMap(Entry::issuer, Function.identity())));
    }
}
