package io.sallyport.control;

import io.sallyport.catalog.OriginRepository;
import io.sallyport.catalog.OriginRow;
import io.sallyport.http.UrlPattern;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and changes origins. A host and path has one origin: a second one is refused with
 * 409.
 */
final class OriginChanges {
    private static final String KIND = "origin";
    private static final Duration LONGEST_CONNECT = Duration.ofMinutes(5);

    /**
     * Keys of {@code originRequest} that have an effect without a connector; others are refused instead of silently
     * ignored.
     */
    private static final Set<String> ORIGIN_REQUEST =
            Set.of("httpHostHeader", "originServerName", "noTLSVerify", "caPool", "connectTimeout", "http2Origin");

    /** An origin as a request describes it. */
    private record Draft(String hostname, String path, String service, ObjectNode originRequest) {}

    private final Transactions transactions;
    private final AuditedRows<OriginRow> rows;
    private final OriginRepository origins;
    private final HostnameClaims claims;
    private final InstantSource clock;

    OriginChanges(
            Transactions transactions,
            OriginRepository origins,
            HostnameClaims claims,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, OriginRow::id, OriginChanges::view);
        this.origins = origins;
        this.claims = claims;
        this.clock = clock;
    }

    /** Filter {@code hostname}. */
    Paged<ObjectNode> list(Query query) {
        Specification<OriginRow> filter = Filters.contains("hostname", query.text("hostname"));
        return transactions.read(
                () -> Filters.page(origins, filter, query.paging()).map(OriginChanges::view));
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        Draft draft = read(fields);
        return rows.create(call, () -> {
            claim(draft, Optional.empty());
            return origins.save(new OriginRow(
                    UUID.randomUUID(),
                    draft.hostname(),
                    draft.path(),
                    draft.service(),
                    draft.originRequest(),
                    clock.instant()));
        });
    }

    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        Draft draft = read(fields);
        return rows.change(call, "replace", () -> find(id), row -> {
            claim(draft, Optional.of(id));
            row.change(draft.hostname(), draft.path(), draft.service(), draft.originRequest(), clock.instant());
        });
    }

    /** Deletes the origin; the gateway then answers 404 for its host and path. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            origins.delete(row);
        });
    }

    private void claim(Draft draft, Optional<UUID> except) {
        claims.requireFree(draft.hostname(), HostnameClaims.GATEWAY, "/hostname");
        origins.findByHostnameAndPath(draft.hostname(), draft.path())
                .filter(holder -> !Optional.of(holder.id()).equals(except))
                .ifPresent(holder -> {
                    throw ApiProblem.conflict(
                            "/hostname " + draft.hostname() + draft.path() + " already has origin " + holder.id());
                });
    }

    private static Draft read(Fields fields) {
        String host = fields.requiredLine("hostname", 253);
        if (host.contains("/")) {
            throw fields.invalid("hostname", "must be a host; the path goes into path");
        }
        String path = fields.line("path", Limits.URL).orElse("");
        if (!path.isEmpty() && !path.startsWith("/")) {
            throw fields.invalid("path", "must start with a slash");
        }
        return new Draft(
                pattern(fields, "hostname", host),
                path.isEmpty()
                        ? path
                        : pattern(fields, "path", "host.invalid" + path).substring("host.invalid".length()),
                service(fields),
                originRequest(fields));
    }

    private static String pattern(Fields fields, String name, String text) {
        try {
            return UrlPattern.parse(text).normal();
        } catch (IllegalArgumentException e) {
            throw fields.invalid(name, String.valueOf(e.getMessage()));
        }
    }

    /** The service's URL: scheme, host and port only, because the request's path reaches the origin unchanged. */
    private static String service(Fields fields) {
        URI uri = fields.webAddress("service").orElseThrow(() -> fields.invalid("service", "is required"));
        String path = String.valueOf(uri.getRawPath());
        if (!(path.isEmpty() || path.equals("/")) || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw fields.invalid("service", "must be scheme, host and port, such as http://10.0.0.5:3000");
        }
        return uri.toString();
    }

    private static ObjectNode originRequest(Fields fields) {
        Optional<Fields> given = fields.object("origin_request");
        if (given.isEmpty()) {
            return JsonNodeFactory.instance.objectNode();
        }
        Fields request = given.get();
        for (String key : request.json().propertyNames()) {
            if (!ORIGIN_REQUEST.contains(key)) {
                throw request.invalid(
                        key,
                        "means nothing for an origin that the gateway reaches itself; known are "
                                + String.join(
                                        ", ", ORIGIN_REQUEST.stream().sorted().toList()));
            }
        }
        request.line("httpHostHeader", 300);
        request.line("originServerName", 253);
        request.line("caPool", Limits.URL);
        request.flag("noTLSVerify");
        request.flag("http2Origin");
        if (request.has("connectTimeout")
                && request.json().get("connectTimeout").isNumber()) {
            request.integer("connectTimeout", 1, (int) LONGEST_CONNECT.toSeconds());
        } else {
            request.duration("connectTimeout", Duration.ofMillis(1), LONGEST_CONNECT);
        }
        return request.keptExcept(Set.of());
    }

    private OriginRow find(UUID id) {
        return origins.findById(id).orElseThrow(ApiProblem::notFound);
    }

    private static ObjectNode view(OriginRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("hostname", row.hostname())
                .put("path", row.path())
                .put("service", row.service());
        view.set("origin_request", row.originRequest());
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
