package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.identity.IdpId;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds likely mistakes in the policies of an application: policies that can never match or are never reached, that
 * admit everybody, or that any mail address satisfies. Findings are certain; the
 * absence of findings proves nothing.
 */
public final class PolicyLint {
    /**
     * A person with a mail address and no other attributes, from an address reserved for documentation (RFC 2606, RFC
     * 5737).
     */
    private static final Email ANYBODY = new Email("anybody@anywhere.invalid");

    private static final AccessRequest FROM_ANYWHERE =
            new AccessRequest(InetAddress.ofLiteral("203.0.113.113"), null, null, null, new Subject.Anonymous());

    private final PolicyCompiler.References references;
    private final Set<IdpId> oneTimePins;

    /** @param oneTimePins the providers of type one-time PIN */
    public PolicyLint(PolicyCompiler.References references, Set<IdpId> oneTimePins) {
        this.references = references;
        this.oneTimePins = Set.copyOf(oneTimePins);
    }

    /** A stable name for each kind of finding; appears in the API in lower case. */
    public enum Code {
        /** No request can satisfy it. */
        NEVER_MATCHES,
        /** {@code require} demands two values of an attribute that has only one. */
        REQUIRES_TWO_VALUES,
        /** Whoever could match it is decided by an earlier one. */
        SHADOWED,
        /** An allow policy for everybody who can sign in. */
        ALLOWS_EVERYONE,
        /** A bypass policy for everybody: no gate at all. */
        BYPASSES_EVERYONE,
        /** Any mailbox in the world gets a code and passes. */
        PIN_WITHOUT_ADDRESS_RULE
    }

    /**
     * Something to look at.
     *
     * @param pointer the place in the policy, empty for the whole
     * @param reason why it is so
     * @param advice what to do
     */
    public record Finding(Code code, PolicySpec policy, String pointer, String reason, String advice) {}

    /**
     * Looks at one application's policies.
     *
     * @param policies in ascending precedence
     * @param allowedIdps of the application; empty means every one
     */
    public List<Finding> check(List<PolicySpec> policies, Set<IdpId> allowedIdps) {
        List<Finding> findings = new ArrayList<>();
        List<PolicySpec> ordered = PolicyCompiler.inOrderOfEvaluation(policies).toList();
        for (int i = 0; i < ordered.size(); i++) {
            PolicySpec policy = ordered.get(i);
            Optional<Finding> never = never(policy);
            if (never.isPresent()) {
                findings.add(never.get());
                continue;
            }
            shadow(policy, ordered.subList(0, i)).ifPresent(findings::add);
            everyone(policy).ifPresent(findings::add);
            anyMailbox(policy, allowedIdps).ifPresent(findings::add);
        }
        return findings;
    }

    private Optional<Finding> never(PolicySpec policy) {
        return contradiction(policy)
                .or(() -> excludesEveryone(policy))
                .or(() -> requiresTheHopeless(policy))
                .or(() -> excludesAllItIncludes(policy))
                .or(() -> includesTheHopeless(policy))
                .or(() -> requiresTheOpposite(policy));
    }

    private static Optional<Finding> excludesEveryone(PolicySpec policy) {
        for (int i = 0; i < policy.exclude().size(); i++) {
            if (policy.exclude().get(i) instanceof Selector.Everyone) {
                return never(policy, "/exclude/" + i, "it excludes everyone", "take everyone out of exclude");
            }
        }
        return Optional.empty();
    }

    private Optional<Finding> requiresTheHopeless(PolicySpec policy) {
        for (int i = 0; i < policy.require().size(); i++) {
            if (isHopeless(policy.require().get(i)) && !denies(policy)) {
                return never(
                        policy,
                        "/require/" + i,
                        "it requires " + policy.require().get(i).key() + ", which nobody can satisfy here",
                        "take the rule out, or fill the list it names");
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> excludesAllItIncludes(PolicySpec policy) {
        return !denies(policy) && new HashSet<>(policy.exclude()).containsAll(policy.include())
                ? never(policy, "/exclude", "everything it includes is excluded too", "take the rules out of exclude")
                : Optional.empty();
    }

    private Optional<Finding> includesTheHopeless(PolicySpec policy) {
        return !denies(policy) && policy.include().stream().allMatch(this::isHopeless)
                ? never(
                        policy,
                        "/include",
                        "none of its include rules can be satisfied here",
                        "include somebody, or fill the lists it names")
                : Optional.empty();
    }

    private static Optional<Finding> requiresTheOpposite(PolicySpec policy) {
        return policy.include().stream()
                        .allMatch(include -> policy.require().stream()
                                .anyMatch(require -> excludesEachOther(include, require)
                                        && !(denies(policy) && canBeUndecided(require))))
                ? never(
                        policy,
                        "/require",
                        "each include rule contradicts a require rule",
                        "make the two agree, or move one of them into a policy of its own")
                : Optional.empty();
    }

    /** Whether a policy denies; deny policies treat undecided as a match. */
    private static boolean denies(PolicySpec policy) {
        return policy.action() == PolicyAction.DENY;
    }

    private static Optional<Finding> never(PolicySpec policy, String pointer, String reason, String advice) {
        return Optional.of(new Finding(Code.NEVER_MATCHES, policy, pointer, "it can never match: " + reason, advice));
    }

    /** Undecided for everybody, or a list without anybody on it. */
    private boolean isHopeless(Selector selector) {
        return switch (selector) {
            case Selector.Unsupported _ -> true;
            case Selector.EmailList list ->
                references.emailLists().getOrDefault(list.list(), Set.of()).isEmpty();
            case Selector.IpList list ->
                references.ipLists().getOrDefault(list.list(), List.of()).isEmpty();
            default -> false;
        };
    }

    private static Optional<Finding> contradiction(PolicySpec policy) {
        List<Selector> require = policy.require();
        for (int i = 0; i < require.size(); i++) {
            for (int j = 0; j < i; j++) {
                boolean settled = !denies(policy) || !canBeUndecided(require.get(i));
                if (settled && excludesEachOther(require.get(j), require.get(i))) {
                    return Optional.of(new Finding(
                            Code.REQUIRES_TWO_VALUES,
                            policy,
                            "/require/" + i,
                            "it can never match: require asks for two values of " + what(require.get(i))
                                    + ", which has only one, and every require rule must hold",
                            "put the alternatives into an Access group and require the group"));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean canBeUndecided(Selector selector) {
        return selector instanceof Selector.Geo || selector instanceof Selector.LoginFact;
    }

    private static String what(Selector selector) {
        return switch (selector) {
            case Selector.EmailIs _, Selector.EmailDomain _ -> "the e-mail address";
            case Selector.Ip _ -> "the client address";
            case Selector.Geo _ -> "the country";
            case Selector.LoginMethod _ -> "the login method";
            case Selector.ServiceToken _ -> "the service token";
            case Selector.CommonName _ -> "the certificate's common name";
            default -> selector.key();
        };
    }

    /** Whether no request satisfies both, because they are about one thing that has one value. */
    private static boolean excludesEachOther(Selector a, Selector b) {
        return disjoint(a, b, Selector.EmailIs.class, Selector.EmailIs::email)
                || disjoint(a, b, Selector.EmailDomain.class, Selector.EmailDomain::domain)
                || disjoint(a, b, Selector.Geo.class, Selector.Geo::countryCode)
                || disjoint(a, b, Selector.LoginMethod.class, Selector.LoginMethod::idp)
                || disjoint(a, b, Selector.ServiceToken.class, Selector.ServiceToken::token)
                || disjoint(a, b, Selector.CommonName.class, Selector.CommonName::name)
                || outside(a, b)
                || outside(b, a)
                || (a instanceof Selector.Ip(Cidr first)
                        && b instanceof Selector.Ip(Cidr second)
                        && !first.contains(second)
                        && !second.contains(first));
    }

    private static <S extends Selector> boolean disjoint(
            Selector a, Selector b, Class<S> type, Function<S, Object> value) {
        return type.isInstance(a)
                && type.isInstance(b)
                && !value.apply(type.cast(a)).equals(value.apply(type.cast(b)));
    }

    private static boolean outside(Selector email, Selector domain) {
        return email instanceof Selector.EmailIs(Email address)
                && domain instanceof Selector.EmailDomain(String name)
                && !address.domain().equals(name);
    }

    private static Optional<Finding> shadow(PolicySpec policy, List<PolicySpec> earlier) {
        return earlier.stream()
                .filter(before -> !before.reportOnly() && covers(before, policy))
                .findFirst()
                .map(before -> new Finding(
                        Code.SHADOWED,
                        policy,
                        "",
                        "it is never reached: whoever matches it is decided by \"" + before.name()
                                + "\" before, because " + why(before),
                        "remove it, move it before \"" + before.name() + "\", or make that one narrower"));
    }

    private static String why(PolicySpec before) {
        boolean first = PolicyCompiler.goesFirst(before);
        return first
                ? "bypass and service auth go before allow and deny, whatever their precedence"
                : "it has a lower precedence and includes at least as much";
    }

    /**
     * Whether everything that matches the later one matches the earlier one for certain. What is undecided is a hit for a deny
     * policy alone, so before one of those only a policy for everybody leaves nothing over.
     */
    private static boolean covers(PolicySpec earlier, PolicySpec later) {
        if (later.action() == PolicyAction.DENY && earlier.action() != PolicyAction.DENY) {
            return earlier.include().contains(new Selector.Everyone())
                    && earlier.require().isEmpty()
                    && earlier.exclude().isEmpty();
        }
        return later.include().stream().allMatch(rule -> anyCovers(earlier.include(), rule))
                && earlier.require().stream().allMatch(rule -> later.require().contains(rule))
                && earlier.exclude().stream().allMatch(rule -> later.exclude().contains(rule));
    }

    private static boolean anyCovers(List<Selector> wide, Selector narrow) {
        return wide.stream().anyMatch(rule -> covers(rule, narrow));
    }

    /** Whether everybody who satisfies the second rule also satisfies the first. */
    private static boolean covers(Selector a, Selector b) {
        return a.equals(b)
                || a instanceof Selector.Everyone
                || (a instanceof Selector.EmailDomain(String domain)
                        && b instanceof Selector.EmailIs(Email email)
                        && email.domain().equals(domain))
                || (a instanceof Selector.Ip(Cidr block)
                        && b instanceof Selector.Ip(Cidr inner)
                        && block.contains(inner))
                || (a instanceof Selector.AnyValidServiceToken && b instanceof Selector.ServiceToken)
                || (a instanceof Selector.AnyCertificate && b instanceof Selector.CommonName);
    }

    private static Optional<Finding> everyone(PolicySpec policy) {
        int at = policy.include().indexOf(new Selector.Everyone());
        if (at < 0 || !policy.require().isEmpty() || policy.reportOnly()) {
            return Optional.empty();
        }
        return switch (policy.action()) {
            case ALLOW ->
                Optional.of(new Finding(
                        Code.ALLOWS_EVERYONE,
                        policy,
                        "/include/" + at,
                        "it allows everyone who can sign in at any of the application's providers",
                        "include the people or groups that are meant, or require something of them"));
            case BYPASS ->
                Optional.of(new Finding(
                        Code.BYPASSES_EVERYONE,
                        policy,
                        "/include/" + at,
                        "it switches the gate off: everybody passes, without a login and without a log entry",
                        "give the public paths an application of their own, or use allow"));
            case DENY, NON_IDENTITY -> Optional.empty();
        };
    }

    /** Evaluates the policy: would it admit an unknown address? */
    private Optional<Finding> anyMailbox(PolicySpec policy, Set<IdpId> allowedIdps) {
        if (policy.action() != PolicyAction.ALLOW || policy.reportOnly()) {
            return Optional.empty();
        }
        Set<IdpId> offered = new LinkedHashSet<>(oneTimePins);
        if (!allowedIdps.isEmpty()) {
            offered.retainAll(allowedIdps);
        }
        if (offered.isEmpty()) {
            return Optional.empty();
        }
        CompiledPolicy alone = PolicyCompiler.compile(List.of(policy), references);
        return offered.stream()
                .filter(pin -> alone.couldAdmit(ANYBODY, FROM_ANYWHERE, pin))
                .findFirst()
                .map(pin -> new Finding(
                        Code.PIN_WITHOUT_ADDRESS_RULE,
                        policy,
                        "/include",
                        "anybody with a mailbox passes: one-time PIN is offered, and no rule looks at the address",
                        "require an e-mail address, domain or list, or leave one-time PIN out of allowed_idps"));
    }
}
