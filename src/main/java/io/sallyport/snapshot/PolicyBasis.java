package io.sallyport.snapshot;

import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.ListId;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.GroupSpec;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.json.PolicyJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The groups and lists that policies refer to, with a cache of the policies compiled against them, which is valid until
 * they or an application's policies change. Thread-safe.
 */
final class PolicyBasis {
    private final List<Rows.Group> groups;
    private final List<Rows.Item> listItems;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final PolicyCompiler.References references;
    private final PolicyCompiler compiler;
    private final Map<UUID, Known> known = new ConcurrentHashMap<>();

    private record Known(List<PolicySpec> specs, CompiledPolicy policy) {}

    PolicyBasis(Rows rows) {
        this.groups = rows.groups();
        this.listItems = rows.listItems();
        this.references = readReferences();
        this.compiler = new PolicyCompiler(references);
    }

    /** Whether these rows have the same groups and lists. */
    boolean fits(Rows rows) {
        return groups.equals(rows.groups()) && listItems.equals(rows.listItems());
    }

    /** What policies may refer to. */
    PolicyCompiler.References references() {
        return references;
    }

    /** Groups and list items that cannot be read. */
    List<ConfigProblem> problems() {
        return List.copyOf(problems);
    }

    /** Whether an application's policies are not cached. */
    boolean lacks(UUID application, List<PolicySpec> specs) {
        Known before = known.get(application);
        return before == null || !before.specs().equals(specs);
    }

    /**
     * The compiled policies of an application.
     *
     * @throws PolicyProblem naming the policy at fault
     */
    CompiledPolicy compile(UUID application, List<PolicySpec> specs) {
        Known before = known.get(application);
        if (before != null && before.specs().equals(specs)) {
            return before.policy();
        }
        CompiledPolicy policy = compiler.compile(specs);
        known.put(application, new Known(List.copyOf(specs), policy));
        return policy;
    }

    /** Compiles without caching. */
    CompiledPolicy compile(List<PolicySpec> specs) {
        return compiler.compile(specs);
    }

    /** Drops deleted applications. */
    void retain(Set<UUID> applications) {
        known.keySet().retainAll(applications);
    }

    private PolicyCompiler.References readReferences() {
        Map<GroupId, GroupSpec> specs = new HashMap<>();
        for (Rows.Group row : groups) {
            GroupId id = new GroupId(row.id());
            try {
                ObjectNode body = (ObjectNode) Json.parse(row.body()).node();
                specs.put(id, PolicyJson.group(id, body.put("name", row.name())));
            } catch (PolicyProblem unreadable) {
                report("group", row.id(), unreadable.pointer(), String.valueOf(unreadable.getMessage()));
            }
        }
        Map<ListId, Set<Email>> emails = new HashMap<>();
        Map<ListId, List<Cidr>> blocks = new HashMap<>();
        for (Rows.Item item : listItems) {
            switch (item.type()) {
                case "EMAIL" -> addEmail(item, emails.computeIfAbsent(new ListId(item.list()), id -> new HashSet<>()));
                case "IP" -> addBlock(item, blocks.computeIfAbsent(new ListId(item.list()), id -> new ArrayList<>()));
                default -> {
                    // Lists of other types are stored for the API; no selector can name them.
                }
            }
        }
        return new PolicyCompiler.References(specs, emails, blocks);
    }

    private void addEmail(Rows.Item item, Set<Email> emails) {
        String value = item.value();
        if (value != null) {
            Email.parse(value)
                    .ifPresentOrElse(
                            emails::add,
                            () -> report("list", item.list(), "/items", value + " is not an e-mail address"));
        }
    }

    private void addBlock(Rows.Item item, List<Cidr> blocks) {
        String value = item.value();
        if (value != null) {
            try {
                blocks.add(Cidr.parse(value));
            } catch (IllegalArgumentException bad) {
                report("list", item.list(), "/items", value + ": " + bad.getMessage());
            }
        }
    }

    private void report(String kind, UUID id, String pointer, String why) {
        problems.add(new ConfigProblem(kind, id.toString(), pointer, why));
    }
}
