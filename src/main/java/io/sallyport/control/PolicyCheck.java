package io.sallyport.control;

import io.sallyport.catalog.GroupRepository;
import io.sallyport.catalog.GroupRow;
import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.ListId;
import io.sallyport.policy.GroupSpec;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.Selector;
import io.sallyport.policy.json.SelectorJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * Compiles a policy before it is stored, even when no application uses it yet, so that what its action
 * does not allow is reported with its field.
 */
final class PolicyCheck {
    private final References references;
    private final GroupRepository groups;

    PolicyCheck(References references, GroupRepository groups) {
        this.references = references;
        this.groups = groups;
    }

    /** Refuses a policy that does not compile or refers to missing objects. */
    void check(UUID id, PolicyDraft draft) {
        List<Rules.Placed> selectors = draft.selectors();
        references.requireKnown(selectors);
        try {
            PolicyCompiler.compile(List.of(draft.spec(id)), worldOf(selectors));
        } catch (PolicyProblem e) {
            String below = e.pointer().replaceFirst("^/policies/0(?=/|$)", "");
            throw ApiProblem.invalid(draft.pointer() + below, String.valueOf(e.getMessage()));
        }
    }

    /**
     * The references for the compiler: stored groups if any is referred to, and empty lists, because their items do not
     * matter for validity.
     */
    private PolicyCompiler.References worldOf(List<Rules.Placed> selectors) {
        Map<GroupId, GroupSpec> specs = new HashMap<>();
        var emailLists = new HashMap<ListId, Set<Email>>();
        var ipLists = new HashMap<ListId, List<Cidr>>();
        boolean namesGroups =
                selectors.stream().map(Rules.Placed::selector).anyMatch(Selector.InGroup.class::isInstance);
        for (GroupRow row : namesGroups ? groups.findAll() : List.<GroupRow>of()) {
            specs.put(new GroupId(row.id()), spec(row));
        }
        List<Selector> all =
                new ArrayList<>(selectors.stream().map(Rules.Placed::selector).toList());
        specs.values().forEach(group -> {
            all.addAll(group.include());
            all.addAll(group.exclude());
            all.addAll(group.require());
        });
        for (Selector selector : all) {
            if (selector instanceof Selector.EmailList(ListId list)) {
                emailLists.put(list, new HashSet<>());
            } else if (selector instanceof Selector.IpList(ListId list)) {
                ipLists.put(list, List.of());
            }
        }
        return new PolicyCompiler.References(specs, emailLists, ipLists);
    }

    private static GroupSpec spec(GroupRow row) {
        return new GroupSpec(
                new GroupId(row.id()),
                row.name(),
                selectors(row.body().path("include")),
                selectors(row.body().path("exclude")),
                selectors(row.body().path("require")));
    }

    private static List<Selector> selectors(JsonNode rules) {
        List<Selector> selectors = new ArrayList<>();
        rules.forEach(rule -> selectors.add(SelectorJson.read(rule, "")));
        return selectors;
    }
}
