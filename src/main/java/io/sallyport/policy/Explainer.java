package io.sallyport.policy;

import io.sallyport.identity.Identity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Records how one policy was evaluated. Expands each group once, because nested groups can grow exponentially. */
final class Explainer {
    private final Evaluation evaluation;
    private final @Nullable Identity identity;
    private final Set<Selector> opened = new HashSet<>();

    Explainer(Evaluation evaluation, @Nullable Identity identity) {
        this.evaluation = evaluation;
        this.identity = identity;
    }

    Explanation.Policy policy(CompiledPolicy.Rule policy, int possible, Explanation.Effect effect) {
        PolicySpec spec = policy.spec();
        return new Explanation.Policy(
                spec.id(),
                spec.name(),
                spec.action(),
                spec.reportOnly(),
                effect,
                Possible.settled(possible),
                rules("/include/", policy.formula().include()),
                rules("/exclude/", policy.formula().exclude()),
                rules("/require/", policy.formula().require()));
    }

    private List<Explanation.Rule> rules(String list, Formula.Rules rules) {
        List<Explanation.Rule> written = new ArrayList<>();
        for (int i = 0; i < rules.selectors().size(); i++) {
            written.add(
                    rule(list + i, rules.selectors().get(i), rules.conditions().get(i)));
        }
        return List.copyOf(written);
    }

    private Explanation.Rule rule(String pointer, Selector selector, Condition condition) {
        Truth truth = Possible.settled(condition.possible(evaluation));
        return condition instanceof Condition.Group group
                ? new Explanation.Rule(pointer, selector, truth, null, group.name(), inside(selector, group.formula()))
                : new Explanation.Rule(pointer, selector, truth, seen(selector), null, List.of());
    }

    private List<Explanation.Rule> inside(Selector group, Formula formula) {
        List<Explanation.Rule> rules = new ArrayList<>();
        if (opened.add(group)) {
            rules.addAll(rules("/include/", formula.include()));
            rules.addAll(rules("/exclude/", formula.exclude()));
            rules.addAll(rules("/require/", formula.require()));
        }
        return List.copyOf(rules);
    }

    private @Nullable String seen(Selector selector) {
        AccessRequest request = evaluation.request();
        return switch (selector) {
            case Selector.EmailIs _, Selector.EmailDomain _, Selector.EmailList _ ->
                evaluation.email() == null ? null : evaluation.email().value();
            case Selector.Ip _, Selector.IpList _ -> request.client().getHostAddress();
            case Selector.Geo _ -> request.country();
            case Selector.AnyValidServiceToken _, Selector.ServiceToken _, Selector.Workload _ ->
                request.service() == null ? null : request.service().clientId();
            case Selector.AnyCertificate _, Selector.CommonName _ ->
                request.certificate() == null ? null : request.certificate().commonName();
            case Selector.LoginFact fact -> identity == null ? null : SeenAtLogin.of(fact, identity);
            case Selector.Everyone _, Selector.InGroup _, Selector.Unsupported _ -> null;
        };
    }
}
