package io.sallyport.snapshot;

import java.net.URI;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The issuers whose tokens say which workload is calling, by their {@code iss}. */
public record WorkloadIssuers(Map<String, Entry> byIssuer) {
    /** Copies the map. */
    public WorkloadIssuers {
        byIssuer = Map.copyOf(byIssuer);
    }

    /** One issuer. */
    public record Entry(UUID id, String name, String issuer, URI jwksUrl, String audience) {}

    static WorkloadIssuers of(Rows rows) {
        return new WorkloadIssuers(rows.workloadIssuers().stream()
                .map(row -> new Entry(row.id(), row.name(), row.issuer(), URI.create(row.jwksUrl()), row.audience()))
                .collect(Collectors.toMap(Entry::issuer, Function.identity())));
    }
}
