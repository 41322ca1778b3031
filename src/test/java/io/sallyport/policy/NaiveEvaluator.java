package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.policy.PolicyCompiler.References;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The reference for PN-15: the specification read aloud, straight over the specs, without compiling, merging, remembering or
 * sets of truth values. Before a login it plays through every way in which the rules about identity could turn out.
 */
final class NaiveEvaluator {
    private final List<PolicySpec> policies;
    private final References references;
    private final AccessRequest request;

    NaiveEvaluator(List<PolicySpec> policies, References references, AccessRequest request) {
        this.policies = policies;
        this.references = references;
        this.request = request;
    }

    /** Answers a rule about identity: from the person, or from the play in progress. */
    private interface Answers {
        Truth to(Selector.AboutIdentity rule);
    }

    /** The decision, spelt as {@link PolicyTable#spell} does. */
    String decide() {
        boolean known = request.subject() instanceof Subject.Person;
        for (PolicySpec policy : policies) {
            if (isOpen(policy) && outcomes(policy).equals(EnumSet.of(Truth.TRUE))) {
                return "permit " + (policy.action() == PolicyAction.BYPASS ? "bypass" : "service") + because(policy);
            }
        }
        for (PolicySpec policy : policies) {
            if (policy.action() == PolicyAction.DENY && !outcomes(policy).contains(Truth.FALSE)) {
                return (known ? "denied" : "forbidden") + " denied_by_policy" + because(policy);
            }
            if (policy.action() == PolicyAction.ALLOW && outcomes(policy).contains(Truth.TRUE)) {
                return known ? "permit identity" + because(policy) : "login \"" + policy.name() + "\"";
            }
        }
        return (known ? "denied " : "forbidden ") + (policies.isEmpty() ? "no_policies" : "no_policy_matched");
    }

    private static boolean isOpen(PolicySpec policy) {
        return policy.action() == PolicyAction.BYPASS || policy.action() == PolicyAction.NON_IDENTITY;
    }

    private String because(PolicySpec policy) {
        List<Set<Truth>> included = policy.include().stream()
                .map(rule -> outcomes(answers -> truth(rule, answers)))
                .toList();
        int certain = included.indexOf(EnumSet.of(Truth.TRUE));
        int rule = certain;
        for (int i = 0; rule < 0; i++) {
            rule = included.get(i).equals(EnumSet.of(Truth.FALSE)) ? -1 : i;
        }
        return " \"" + policy.name() + "\" /include/" + rule;
    }

    private Set<Truth> outcomes(PolicySpec policy) {
        return outcomes(answers -> formula(policy.include(), policy.exclude(), policy.require(), answers));
    }

    /** All that can come out: one value for a known person, else one for each way the rules about identity could turn out. */
    private Set<Truth> outcomes(Function<Answers, Truth> question) {
        if (request.subject() instanceof Subject.Person person) {
            return EnumSet.of(question.apply(rule -> aboutPerson(rule, person)));
        }
        Set<Truth> outcomes = EnumSet.noneOf(Truth.class);
        List<Integer> play = new ArrayList<>();
        List<Integer> choices = new ArrayList<>();
        do {
            int[] asked = new int[1];
            outcomes.add(question.apply(rule -> {
                int i = asked[0]++;
                if (i == play.size()) {
                    play.add(0);
                    choices.add(rule instanceof Selector.ExternalEvaluation ? 3 : 2);
                }
                return List.of(Truth.TRUE, Truth.FALSE, Truth.UNDECIDED).get(play.get(i));
            }));
        } while (next(play, choices) && outcomes.size() < 3);
        return outcomes;
    }

    /** Turns the last answer that has another way to turn out; false when all were played. */
    private static boolean next(List<Integer> play, List<Integer> choices) {
        while (!play.isEmpty() && play.getLast() + 1 == choices.getLast()) {
            play.removeLast();
            choices.removeLast();
        }
        if (!play.isEmpty()) {
            play.set(play.size() - 1, play.getLast() + 1);
        }
        return !play.isEmpty();
    }

    private Truth formula(List<Selector> include, List<Selector> exclude, List<Selector> require, Answers answers) {
        boolean undecided = false;
        List<Truth> included =
                include.stream().map(rule -> truth(rule, answers)).toList();
        if (!included.contains(Truth.TRUE)) {
            if (!included.contains(Truth.UNDECIDED)) {
                return Truth.FALSE;
            }
            undecided = true;
        }
        for (Selector rule : require) {
            Truth truth = truth(rule, answers);
            if (truth == Truth.FALSE) {
                return Truth.FALSE;
            }
            undecided |= truth == Truth.UNDECIDED;
        }
        for (Selector rule : exclude) {
            Truth truth = truth(rule, answers);
            if (truth == Truth.TRUE) {
                return Truth.FALSE;
            }
            undecided |= truth == Truth.UNDECIDED;
        }
        return undecided ? Truth.UNDECIDED : Truth.TRUE;
    }

    private Truth truth(Selector rule, Answers answers) {
        return switch (rule) {
            case Selector.AboutIdentity identity -> answers.to(identity);
            case Selector.Everyone _ -> Truth.TRUE;
            case Selector.Ip in -> Truth.of(in.block().contains(request.client()));
            case Selector.IpList in ->
                Truth.of(blocks(in).stream().anyMatch(block -> block.contains(request.client())));
            case Selector.Geo from ->
                request.country() == null
                        ? Truth.UNDECIDED
                        : Truth.of(from.countryCode().equals(request.country()));
            case Selector.InGroup in -> group(in, answers);
            case Selector.AnyValidServiceToken _ ->
                Truth.of(request.service() != null && request.service().claims() == null);
            case Selector.ServiceToken is ->
                Truth.of(request.service() != null
                        && request.service().claims() == null
                        && request.service().id().equals(is.token()));
            case Selector.Workload is ->
                Truth.of(request.service() != null
                        && request.service().claims() != null
                        && request.service().id().equals(is.issuer())
                        && is.claims().keySet().stream()
                                .allMatch(name -> is.claims()
                                        .get(name)
                                        .contains(String.valueOf(
                                                request.service().claims().get(name)))));
            case Selector.AnyCertificate _ -> Truth.of(request.certificate() != null);
            case Selector.CommonName is ->
                Truth.of(request.certificate() != null
                        && request.certificate().commonName().equals(is.name()));
            case Selector.Unsupported _ -> Truth.UNDECIDED;
        };
    }

    private Truth aboutPerson(Selector.AboutIdentity rule, Subject.Person person) {
        String email = person.email().value();
        return switch (rule) {
            case Selector.EmailIs is ->
                Truth.of(email.equalsIgnoreCase(is.email().value()));
            case Selector.EmailDomain is -> Truth.of(email.split("@", -1)[1].equals(is.domain()));
            case Selector.EmailList in ->
                Truth.of(emails(in).stream().anyMatch(item -> item.value().equals(email)));
            case Selector.LoginFact fact -> person.facts().test(fact);
        };
    }

    private Truth group(Selector.InGroup in, Answers answers) {
        GroupSpec group = references.groups().get(in.group());
        return formula(group.include(), group.exclude(), group.require(), answers);
    }

    private Set<Email> emails(Selector.EmailList in) {
        return references.emailLists().get(in.list());
    }

    private List<Cidr> blocks(Selector.IpList in) {
        return references.ipLists().get(in.list());
    }
}
