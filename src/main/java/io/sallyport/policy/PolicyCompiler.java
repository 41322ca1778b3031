package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.http.CidrTable;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.ListId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Compiles policies, resolving the groups and lists they name. One compiler serves all applications of a snapshot and
 * compiles each group or list once (rarely twice, when two threads need it at the same time). Thread-safe.
 */
public final class PolicyCompiler {
    private final References references;
    private final GroupContents contents;
    private final Map<ListId, CidrTable> blocks = new ConcurrentHashMap<>();
    private final Map<GroupId, Condition.Group> groupsWithoutFacts = new ConcurrentHashMap<>();
    private final AtomicInteger ordinals = new AtomicInteger();

    /** A compiler with the groups and lists that policies may refer to. */
    public PolicyCompiler(References references) {
        this.references = references;
        this.contents = new GroupContents(references);
    }

    /**
     * What policies may refer to.
     *
     * @param emailLists items of lists of type EMAIL
     * @param ipLists items of lists of type IP
     */
    public record References(
            Map<GroupId, GroupSpec> groups, Map<ListId, Set<Email>> emailLists, Map<ListId, List<Cidr>> ipLists) {}

    /**
     * Compiles one application's policies; for many applications, make one compiler and ask it for each.
     *
     * @param policies in ascending precedence
     * @throws PolicyProblem when a group or list is missing, groups form a circle, or a policy has rules that its action does not
     *     allow
     */
    public static CompiledPolicy compile(List<PolicySpec> policies, References references) {
        return new PolicyCompiler(references).compile(policies);
    }

    /**
     * Compiles one application's policies.
     *
     * @param policies in ascending precedence
     * @throws PolicyProblem when a group or list is missing, groups form a circle, or a policy has rules that its action does not
     *     allow; names the policy
     */
    public CompiledPolicy compile(List<PolicySpec> policies) {
        Set<Selector.LoginFact> facts = new HashSet<>();
        for (PolicySpec policy : policies) {
            try {
                facts.addAll(contents.check(policy));
            } catch (PolicyProblem problem) {
                throw problem.in(policy.id());
            }
        }
        FactSet set = FactSet.of(facts);
        Scope scope = new Scope(set);
        return new CompiledPolicy(
                inOrderOfEvaluation(policies)
                        .map(policy -> CompiledPolicy.Rule.of(
                                policy, scope.formula(policy.include(), policy.exclude(), policy.require())))
                        .toList(),
                set);
    }

    /** Bypass and Service Auth together, then Allow and Deny together. */
    static Stream<PolicySpec> inOrderOfEvaluation(List<PolicySpec> policies) {
        return Stream.concat(
                policies.stream().filter(PolicyCompiler::goesFirst),
                policies.stream().filter(policy -> !goesFirst(policy)));
    }

    static boolean goesFirst(PolicySpec policy) {
        return policy.action() == PolicyAction.BYPASS || policy.action() == PolicyAction.NON_IDENTITY;
    }

    /** Compiles the policies of one application, which share the order of facts. */
    private final class Scope {
        private final FactSet facts;
        private final Map<GroupId, Condition.Group> groups = new HashMap<>();

        Scope(FactSet facts) {
            this.facts = facts;
        }

        Formula formula(List<Selector> include, List<Selector> exclude, List<Selector> require) {
            return Formula.of(rules(include), rules(exclude), rules(require));
        }

        private Formula.Rules rules(List<Selector> selectors) {
            List<Condition> conditions = new ArrayList<>(selectors.size());
            selectors.forEach(selector -> conditions.add(condition(selector)));
            return new Formula.Rules(selectors, List.copyOf(conditions));
        }

        private Condition condition(Selector selector) {
            return switch (selector) {
                case Selector.EmailIs(Email email) -> new Condition.EmailAmong(Set.of(email));
                case Selector.EmailDomain(String domain) -> new Condition.FirstDomain(Map.of(domain, 0));
                case Selector.EmailList(ListId list) ->
                    new Condition.EmailAmong(references.emailLists().getOrDefault(list, Set.of()));
                case Selector.Everyone _ -> new Condition.Constant(Possible.TRUE);
                case Selector.Ip(Cidr block) -> new Condition.InBlock(block);
                case Selector.IpList(ListId list) -> new Condition.InBlocks(table(list));
                case Selector.Geo(String country) -> new Condition.FromCountry(country);
                case Selector.InGroup(GroupId id) -> group(id);
                case Selector.AnyValidServiceToken _ -> new Condition.HasServiceToken(null);
                case Selector.ServiceToken service -> new Condition.HasServiceToken(service.token());
                case Selector.Workload workload -> new Condition.IsWorkload(workload);
                case Selector.AnyCertificate _ -> new Condition.HasCertificate(null);
                case Selector.CommonName(String name) -> new Condition.HasCertificate(name);
                case Selector.LoginFact fact -> new Condition.Login(fact, facts, facts.index(fact));
                case Selector.Unsupported _ -> new Condition.Constant(Possible.UNDECIDED);
            };
        }

        /** A group without login facts reads the same for every application and is compiled once for all. */
        private Condition.Group group(GroupId id) {
            Map<GroupId, Condition.Group> known = contents.of(id).facts().isEmpty() ? groupsWithoutFacts : groups;
            Condition.Group group = known.get(id);
            if (group == null) {
                group = compile(contents.spec(id));
                known.put(id, group);
            }
            return group;
        }

        private Condition.Group compile(GroupSpec spec) {
            Formula formula = formula(spec.include(), spec.exclude(), spec.require());
            return new Condition.Group(
                    spec.name(), formula, contents.of(spec.id()).nesting() ? ordinals.getAndIncrement() : -1);
        }
    }

    private CidrTable table(ListId list) {
        return blocks.computeIfAbsent(
                list, id -> CidrTable.of(references.ipLists().getOrDefault(id, List.of())));
    }
}
