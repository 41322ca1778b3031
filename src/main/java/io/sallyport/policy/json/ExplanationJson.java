package io.sallyport.policy.json;

import io.sallyport.policy.Decision;
import io.sallyport.policy.Explanation;
import io.sallyport.policy.Reason;
import io.sallyport.policy.Truth;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a decision down with its whole tree: policies in order of evaluation, each rule with the value it saw and its truth. Long
 * lists keep every rule that is not false and the first {@value #MOST_FALSE} that are; the rest is counted in {@code omitted}.
 */
public final class ExplanationJson {
    private static final int MOST_FALSE = 50;

    private ExplanationJson() {}

    /** The tree. */
    public static ObjectNode write(Explanation explanation) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        putDecision(json, explanation.decision());
        Decision rehearsed = explanation.rehearsed();
        if (rehearsed != null) {
            putDecision(json.putObject("with_report_only"), rehearsed);
        }
        ArrayNode policies = json.putArray("policies");
        explanation.policies().forEach(policy -> policies.add(policy(policy)));
        return json;
    }

    /** {@code allowed}, {@code denied} or {@code login_required}. */
    public static String word(Decision decision) {
        return switch (decision) {
            case Decision.Permit _ -> "allowed";
            case Decision.Denied _ -> "denied";
            case Decision.LoginRequired _ -> "login_required";
        };
    }

    /** A reason's stable name. */
    public static String word(Reason.Code code) {
        return code.name().toLowerCase(Locale.ROOT);
    }

    private static void putDecision(ObjectNode json, Decision decision) {
        Reason reason = decision.reason();
        json.put("outcome", word(decision)).put("reason", word(reason.code()));
        if (reason.policy() != null) {
            json.put("policy_id", reason.policy().toString())
                    .put("policy_name", reason.policyName())
                    .put("rule", reason.rule());
        }
    }

    private static ObjectNode policy(Explanation.Policy policy) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", policy.id().toString())
                .put("name", policy.name())
                .put("decision", policy.action().apiName())
                .put("effect", policy.effect().name().toLowerCase(Locale.ROOT))
                .put("truth", word(policy.truth()));
        if (policy.reportOnly()) {
            json.put(PolicyJson.REPORT_ONLY, true);
        }
        putRules(json, "include", policy.include());
        putRules(json, "exclude", policy.exclude());
        putRules(json, "require", policy.require());
        return json;
    }

    private static void putRules(ObjectNode parent, String list, List<Explanation.Rule> rules) {
        if (rules.isEmpty()) {
            return;
        }
        ArrayNode written = parent.putArray(list);
        int untrue = 0;
        for (Explanation.Rule rule : rules) {
            if (rule.truth() != Truth.FALSE || untrue++ < MOST_FALSE) {
                written.add(rule(rule));
            }
        }
        if (written.size() < rules.size()) {
            parent.put(list + "_omitted", rules.size() - written.size());
        }
    }

    private static ObjectNode rule(Explanation.Rule rule) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("pointer", rule.pointer())
                .put("truth", word(rule.truth()));
        putIfThere(json, "saw", rule.seen());
        putIfThere(json, "group", rule.group());
        json.set("rule", SelectorWriter.write(rule.selector()));
        putRules(json, "rules", rule.rules());
        return json;
    }

    private static String word(Truth truth) {
        return truth.name().toLowerCase(Locale.ROOT);
    }

    private static void putIfThere(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
