package io.sallyport.policy;

import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.PolicyId;
import io.sallyport.policy.Decision.Denied;
import io.sallyport.policy.Decision.LoginRequired;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.policy.Explanation.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One application's policies, compiled: immutable, allocation-free on the common path, safe for any number of threads. */
public final class CompiledPolicy {
    /** The RFC 8176 method that a one-time PIN login establishes. */
    private static final String ONE_TIME_PIN_METHOD = "otp";

    private final List<Rule> policies;
    private final List<Rule> rehearsed;
    private final FactSet facts;
    private final List<Selector.ExternalEvaluation> evaluators;

    /** @param all policies in order of evaluation, those that only report among them */
    CompiledPolicy(List<Rule> all, FactSet facts) {
        this.rehearsed = List.copyOf(all);
        this.policies =
                all.stream().filter(policy -> !policy.spec().reportOnly()).toList();
        this.facts = facts;
        this.evaluators = facts.facts().stream()
                .filter(Selector.ExternalEvaluation.class::isInstance)
                .map(Selector.ExternalEvaluation.class::cast)
                .toList();
    }

    /** A policy with its possible answers, created in advance so that a decision allocates nothing. */
    record Rule(PolicySpec spec, Formula formula, LoginRequired loginRequired, List<Permit> permits) {
        static Rule of(PolicySpec spec, Formula formula) {
            return new Rule(
                    spec,
                    formula,
                    new LoginRequired(reason(spec, Reason.Code.LOGIN_REQUIRED, -1)),
                    spec.action() == PolicyAction.DENY ? List.of() : permits(spec));
        }

        private static List<Permit> permits(PolicySpec spec) {
            Permit[] permits = new Permit[spec.include().size()];
            for (int i = 0; i < permits.length; i++) {
                permits[i] = permit(spec, i);
            }
            return List.of(permits);
        }

        private static Permit permit(PolicySpec spec, int include) {
            return switch (spec.action()) {
                case ALLOW -> permit(spec, Permit.Grounds.IDENTITY, Reason.Code.ALLOWED_BY_POLICY, include);
                case NON_IDENTITY -> permit(spec, Permit.Grounds.SERVICE, Reason.Code.SERVICE_AUTH_BY_POLICY, include);
                case BYPASS -> permit(spec, Permit.Grounds.BYPASS, Reason.Code.BYPASSED_BY_POLICY, include);
                case DENY -> throw new IllegalArgumentException("a deny policy permits nothing");
            };
        }

        private static Permit permit(PolicySpec spec, Permit.Grounds grounds, Reason.Code code, int include) {
            return new Permit(grounds, spec.sessionDuration(), reason(spec, code, include));
        }

        private static Reason reason(PolicySpec spec, Reason.Code code, int include) {
            return new Reason(code, spec.id(), spec.name(), include < 0 ? null : "/include/" + include);
        }

        /** What the policy does to a request for which it can still turn out so. */
        Effect effect(int possible, boolean personKnown) {
            return switch (spec.action()) {
                case BYPASS, NON_IDENTITY -> possible == Possible.TRUE ? Effect.ADMITS : Effect.NONE;
                case DENY -> Possible.canBeFalse(possible) ? Effect.NONE : Effect.REFUSES;
                case ALLOW -> {
                    Effect match = personKnown ? Effect.ADMITS : Effect.ASKS_FOR_LOGIN;
                    yield Possible.canBeTrue(possible) ? match : Effect.NONE;
                }
            };
        }

        Decision permit(Evaluation evaluation) {
            return permits.get(formula.anyInclude().deciding(evaluation));
        }

        Decision denial(Evaluation evaluation) {
            int include = formula.anyInclude().deciding(evaluation);
            return new Denied(reason(spec, Reason.Code.DENIED_BY_POLICY, include), evaluation.personKnown());
        }
    }

    /** Decides one request: service auth and bypass first, then allow and deny, first match ends; by default no. */
    public Decision decide(AccessRequest request) {
        return decide(policies, Evaluation.of(request));
    }

    private static Decision decide(List<Rule> policies, Evaluation evaluation) {
        for (int i = 0; i < policies.size(); i++) {
            Rule policy = policies.get(i);
            switch (policy.effect(policy.formula().possible(evaluation), evaluation.personKnown())) {
                case ADMITS -> {
                    return policy.permit(evaluation);
                }
                case REFUSES -> {
                    return policy.denial(evaluation);
                }
                case ASKS_FOR_LOGIN -> {
                    return policy.loginRequired();
                }
                case NONE, NOT_REACHED -> {}
            }
        }
        Reason.Code code = policies.isEmpty() ? Reason.Code.NO_POLICIES : Reason.Code.NO_POLICY_MATCHED;
        return new Denied(new Reason(code, null, null, null), evaluation.personKnown());
    }

    /** The same decision with everything that led to it, for the policy tester and the decision log. */
    public Explanation explain(AccessRequest request) {
        return explain(request, null);
    }

    /**
     * The same decision with its explanation.
     *
     * @param identity the person's stored identity, to show the values that rules compared; null when it is not known
     */
    public Explanation explain(AccessRequest request, @Nullable Identity identity) {
        Evaluation evaluation = Evaluation.of(request);
        List<Explanation.Policy> trace = new ArrayList<>();
        boolean decided = false;
        for (Rule policy : rehearsed) {
            int possible = policy.formula().possible(evaluation);
            boolean reportOnly = policy.spec().reportOnly();
            Effect effect =
                    decided && !reportOnly ? Effect.NOT_REACHED : policy.effect(possible, evaluation.personKnown());
            decided |= effect != Effect.NONE && !reportOnly;
            trace.add(new Explainer(evaluation, identity).policy(policy, possible, effect));
        }
        return new Explanation(decide(request), trace, hasReportOnly() ? rehearse(request) : null);
    }

    /** Whether some policy only reports. */
    public boolean hasReportOnly() {
        return rehearsed.size() > policies.size();
    }

    /** Names of the policies that only report, by their ids. */
    public Map<PolicyId, String> reportOnly() {
        return rehearsed.stream()
                .map(Rule::spec)
                .filter(PolicySpec::reportOnly)
                .collect(Collectors.toUnmodifiableMap(PolicySpec::id, PolicySpec::name, (name, again) -> name));
    }

    /** What would be decided if the policies that only report were in force, each in its place. */
    public Decision rehearse(AccessRequest request) {
        return decide(rehearsed, Evaluation.of(request));
    }

    /** What the policies that only report make of a request, each for itself; those it does not touch are left out. */
    public List<Report> reports(AccessRequest request) {
        Evaluation evaluation = Evaluation.of(request);
        List<Report> reports = new ArrayList<>();
        for (Rule policy : rehearsed) {
            if (policy.spec().reportOnly()) {
                Effect effect = policy.effect(policy.formula().possible(evaluation), evaluation.personKnown());
                if (effect != Effect.NONE) {
                    reports.add(new Report(policy.spec().id(), policy.spec().name(), effect));
                }
            }
        }
        return reports;
    }

    /** What a policy that only reports would have done. */
    public record Report(PolicyId policy, String name, Effect effect) {}

    /** The login facts a token for this application must carry. */
    public FactSet facts() {
        return facts;
    }

    /** The external evaluators to ask at token issue. */
    public List<Selector.ExternalEvaluation> evaluators() {
        return evaluators;
    }

    /** Whether both are the same compiled whole, or the same policies over no group or list that could differ beneath them. */
    public boolean sameAs(CompiledPolicy other) {
        return this == other || (specs().equals(other.specs()) && selfContained());
    }

    private List<PolicySpec> specs() {
        return rehearsed.stream().map(Rule::spec).toList();
    }

    private boolean selfContained() {
        return specs().stream()
                .flatMap(spec -> Stream.of(spec.include(), spec.exclude(), spec.require()))
                .flatMap(List::stream)
                .noneMatch(rule -> rule instanceof Selector.InGroup
                        || rule instanceof Selector.EmailList
                        || rule instanceof Selector.IpList);
    }

    /** Whether a Service Auth policy is among them, for {@code service_auth_401_redirect}. */
    public boolean hasServiceAuth() {
        return policies.stream().anyMatch(policy -> policy.spec().action() == PolicyAction.NON_IDENTITY);
    }

    /**
     * Whether some allow policy could admit this address by a one-time PIN login from this client, all facts of the login being
     * as a one-time PIN would establish them: only then is a code mailed (OT-01). External evaluators have not been asked
     * yet and count in the person's favour.
     */
    public boolean couldAdmit(Email email, AccessRequest anonymous, IdpId oneTimePin) {
        Evaluation evaluation = Evaluation.supposing(
                anonymous,
                email,
                fact -> Truth.of(fact.equals(new Selector.LoginMethod(oneTimePin))
                        || fact.equals(new Selector.AuthMethod(ONE_TIME_PIN_METHOD))));
        return policies.stream()
                .filter(policy -> policy.spec().action() == PolicyAction.ALLOW
                        || policy.spec().action() == PolicyAction.DENY)
                .map(policy -> policy.effect(policy.formula().possible(evaluation), true))
                .filter(effect -> effect != Effect.NONE)
                .findFirst()
                .filter(effect -> effect == Effect.ADMITS)
                .isPresent();
    }
}
