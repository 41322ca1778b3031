package io.sallyport.policy;

import io.sallyport.identity.GroupId;
import io.sallyport.identity.ListId;
import io.sallyport.policy.PolicyCompiler.References;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The contents of groups, to any depth, and whether policies may use them: what is refused when it is written. */
final class GroupContents {
    private static final Set<String> UNSUPPORTED_ABOUT_IDENTITY =
            Set.of("auth_context", "user_risk_score", "cloudflare_account_member");

    private final References references;
    private final Map<GroupId, Contents> known = new ConcurrentHashMap<>();

    GroupContents(References references) {
        this.references = references;
    }

    /**
     * The contents of a group, including those of nested groups.
     *
     * @param identitySelector key of a selector about the identity; null when there is none
     * @param serviceSelector key of a selector about service tokens; null when there is none
     * @param nesting whether it refers to other groups
     */
    record Contents(
            Set<Selector.LoginFact> facts,
            @Nullable String identitySelector,
            @Nullable String serviceSelector,
            boolean nesting) {}

    /** The contents of a group that {@link #check} has seen. */
    Contents of(GroupId id) {
        Contents contents = known.get(id);
        if (contents == null) {
            throw new IllegalStateException("group " + id + " was not checked");
        }
        return contents;
    }

    /** The group itself; it was checked, so it exists. */
    GroupSpec spec(GroupId id) {
        GroupSpec spec = references.groups().get(id);
        if (spec == null) {
            throw new IllegalStateException("group " + id + " was not checked");
        }
        return spec;
    }

    /** Checks a policy and answers with the login facts it can look at. */
    Set<Selector.LoginFact> check(PolicySpec policy) {
        Set<Selector.LoginFact> facts = new HashSet<>();
        Set<GroupId> path = new LinkedHashSet<>();
        forEachRule(policy.include(), policy.exclude(), policy.require(), selector -> {
            Contents found = contents(selector, "", path);
            refuseMisplaced(policy.action(), selector, found);
            facts.addAll(found.facts);
        });
        return facts;
    }

    private static void refuseMisplaced(PolicyAction action, Selector selector, Contents found) {
        String group = selector instanceof Selector.InGroup ? ", which this group holds," : "";
        if (action == PolicyAction.BYPASS && found.identitySelector != null) {
            throw new PolicyProblem(
                    "/" + selector.key(),
                    found.identitySelector + group + " cannot be used in a bypass policy, which never knows who asks");
        }
        if (action != PolicyAction.NON_IDENTITY && found.serviceSelector != null) {
            throw new PolicyProblem(
                    "/" + selector.key(), found.serviceSelector + group + " can be used in non_identity policies only");
        }
    }

    private Contents contents(Selector selector, String pointer, Set<GroupId> path) {
        return switch (selector) {
            case Selector.InGroup(GroupId id) -> group(id, pointer + "/group/id", path);
            case Selector.LoginFact fact -> new Contents(Set.of(fact), fact.key(), null, false);
            case Selector.EmailList(ListId list) -> {
                requireList(references.emailLists().containsKey(list), pointer + "/email_list/id", "e-mail addresses");
                yield new Contents(Set.of(), selector.key(), null, false);
            }
            case Selector.IpList(ListId list) -> {
                requireList(references.ipLists().containsKey(list), pointer + "/ip_list/id", "client addresses");
                yield new Contents(Set.of(), null, null, false);
            }
            case Selector.AboutIdentity _ -> new Contents(Set.of(), selector.key(), null, false);
            case Selector.ServiceToken _, Selector.AnyValidServiceToken _, Selector.Workload _ ->
                new Contents(Set.of(), null, selector.key(), false);
            case Selector.Unsupported unsupported ->
                new Contents(
                        Set.of(),
                        UNSUPPORTED_ABOUT_IDENTITY.contains(unsupported.key()) ? unsupported.key() : null,
                        null,
                        false);
            case Selector.Everyone _, Selector.Ip _, Selector.Geo _, Selector.AnyCertificate _, Selector.CommonName _ ->
                new Contents(Set.of(), null, null, false);
        };
    }

    private static void requireList(boolean exists, String pointer, String what) {
        if (!exists) {
            throw new PolicyProblem(pointer, "there is no such list of " + what);
        }
    }

    private Contents group(GroupId id, String pointer, Set<GroupId> path) {
        GroupSpec spec = references.groups().get(id);
        if (spec == null) {
            throw new PolicyProblem(pointer, "there is no such Access group");
        }
        if (!path.add(id)) {
            throw new PolicyProblem(pointer, "Access groups name each other in a circle: " + circle(path, id));
        }
        Contents contents = known.get(id);
        if (contents == null) {
            contents = inside(spec, pointer, path);
            known.put(id, contents);
        }
        path.remove(id);
        return contents;
    }

    /** @param pointer of the rule that leads here: the place an admin can change */
    private Contents inside(GroupSpec group, String pointer, Set<GroupId> path) {
        Set<Selector.LoginFact> facts = new HashSet<>();
        List<Contents> all = new ArrayList<>();
        boolean[] nesting = new boolean[1];
        Stream.of(group.include(), group.exclude(), group.require())
                .flatMap(List::stream)
                .forEach(selector -> {
                    Contents found = within(group, selector, pointer, path);
                    facts.addAll(found.facts);
                    all.add(found);
                    nesting[0] |= selector instanceof Selector.InGroup;
                });
        return new Contents(
                facts,
                all.stream()
                        .map(Contents::identitySelector)
                        .filter(key -> key != null)
                        .findFirst()
                        .orElse(null),
                all.stream()
                        .map(Contents::serviceSelector)
                        .filter(key -> key != null)
                        .findFirst()
                        .orElse(null),
                nesting[0]);
    }

    private Contents within(GroupSpec group, Selector selector, String pointer, Set<GroupId> path) {
        try {
            return contents(selector, "", path);
        } catch (PolicyProblem problem) {
            String message = String.valueOf(problem.getMessage());
            throw new PolicyProblem(
                    pointer,
                    message.startsWith("Access group") ? message : "Access group \"" + group.name() + "\": " + message);
        }
    }

    private String circle(Set<GroupId> path, GroupId again) {
        List<GroupId> steps = new ArrayList<>(path);
        steps.add(again);
        return steps.subList(steps.indexOf(again), steps.size()).stream()
                .map(id -> "\"" + spec(id).name() + "\"")
                .collect(Collectors.joining(" → "));
    }

    /** Visits the rules; what is wrong with one is a problem of the place where it stands. */
    private static void forEachRule(
            List<Selector> include, List<Selector> exclude, List<Selector> require, Consumer<Selector> visitor) {
        visitAll("/include/", include, visitor);
        visitAll("/exclude/", exclude, visitor);
        visitAll("/require/", require, visitor);
    }

    private static void visitAll(String list, List<Selector> rules, Consumer<Selector> visitor) {
        for (int i = 0; i < rules.size(); i++) {
            try {
                visitor.accept(rules.get(i));
            } catch (PolicyProblem problem) {
                throw problem.at(list + i);
            }
        }
    }
}
