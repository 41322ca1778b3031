package io.sallyport.control;

import io.sallyport.catalog.ApplicationRow;
import io.sallyport.catalog.PolicyLinks;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.PolicyRow;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Applications as the API shows them, their policies expanded in ascending precedence. */
final class ApplicationViews {
    private final PolicyLinks links;
    private final PolicyRepository policies;

    ApplicationViews(PolicyLinks links, PolicyRepository policies) {
        this.links = links;
        this.policies = policies;
    }

    /** One application. */
    ObjectNode one(ApplicationRow row) {
        return many(List.of(row)).getFirst();
    }

    /** One application with the given policies, in ascending precedence. */
    ObjectNode one(ApplicationRow row, List<PolicyAttachments.Attached> attached) {
        Map<UUID, PolicyRow> rowsById = attached.stream()
                .map(PolicyAttachments.Attached::policy)
                .collect(Collectors.toMap(PolicyRow::id, Function.identity()));
        List<PolicyLinks.Link> own = attached.stream()
                .map(each -> new PolicyLinks.Link(row.id(), each.policy().id(), each.precedence()))
                .toList();
        return view(row, own, rowsById, countsFor(rowsById));
    }

    /** Several, with a fixed number of queries. */
    List<ObjectNode> many(List<ApplicationRow> rows) {
        List<PolicyLinks.Link> all =
                links.of(rows.stream().map(ApplicationRow::id).toList());
        Map<UUID, List<PolicyLinks.Link>> byApplication =
                all.stream().collect(Collectors.groupingBy(PolicyLinks.Link::application));
        Map<UUID, PolicyRow> rowsById =
                policies
                        .findAllById(all.stream()
                                .map(PolicyLinks.Link::policy)
                                .distinct()
                                .toList())
                        .stream()
                        .collect(Collectors.toMap(PolicyRow::id, Function.identity()));
        Map<UUID, Integer> counts = countsFor(rowsById);
        return rows.stream()
                .map(row -> view(row, byApplication.getOrDefault(row.id(), List.of()), rowsById, counts))
                .toList();
    }

    /** An application's policies alone, in their order. */
    List<ObjectNode> policiesOf(UUID application) {
        List<PolicyLinks.Link> own = links.of(application);
        Map<UUID, PolicyRow> rowsById =
                policies.findAllById(own.stream().map(PolicyLinks.Link::policy).toList()).stream()
                        .collect(Collectors.toMap(PolicyRow::id, Function.identity()));
        Map<UUID, Integer> counts = countsFor(rowsById);
        return own.stream().map(link -> attached(link, rowsById, counts)).toList();
    }

    /** Only reusable policies say how many applications use them. */
    private Map<UUID, Integer> countsFor(Map<UUID, PolicyRow> policies) {
        return policies.values().stream().anyMatch(PolicyRow::reusable) ? links.useCounts() : Map.of();
    }

    private static ObjectNode view(
            ApplicationRow row,
            List<PolicyLinks.Link> links,
            Map<UUID, PolicyRow> policies,
            Map<UUID, Integer> counts) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("uid", row.id().toString())
                .put("aud", row.aud())
                .put("type", row.type())
                .put("name", row.name());
        if (row.domain() != null) {
            view.put("domain", row.domain());
        }
        row.body().properties().forEach(member -> view.set(member.getKey(), member.getValue()));
        ArrayNode expanded = view.putArray("policies");
        links.forEach(link -> expanded.add(attached(link, policies, counts)));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }

    private static ObjectNode attached(
            PolicyLinks.Link link, Map<UUID, PolicyRow> policies, Map<UUID, Integer> counts) {
        PolicyRow policy = policies.get(link.policy());
        if (policy == null) {
            throw new IllegalStateException("a link without its policy: " + link);
        }
        return PolicyViews.attached(policy, link.precedence(), counts.getOrDefault(link.policy(), 0));
    }
}
