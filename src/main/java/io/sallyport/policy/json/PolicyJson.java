package io.sallyport.policy.json;

import io.sallyport.http.GoDuration;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.PolicyId;
import io.sallyport.policy.GroupSpec;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads policies and Access groups as the API spells them. Looks at the members that decide;
 * settings of the interface around them are the API's business.
 */
public final class PolicyJson {
    /** Our own member of a policy: evaluated beside the others, counted, never enforced. Absent is false. */
    public static final String REPORT_ONLY = "sallyport_report_only";

    private PolicyJson() {}

    /**
     * Reads a policy object.
     *
     * @throws PolicyProblem naming the member at fault
     */
    public static PolicySpec policy(PolicyId id, JsonNode json) {
        Members members = Members.of(json, "");
        return new PolicySpec(
                id,
                members.text("name"),
                members.parsed("decision", PolicyJson::action),
                include(json),
                rules(json, "exclude"),
                rules(json, "require"),
                sessionDuration(members),
                reportOnly(members, json.get(REPORT_ONLY)));
    }

    /**
     * Reads an Access group object.
     *
     * @throws PolicyProblem naming the member at fault
     */
    public static GroupSpec group(GroupId id, JsonNode json) {
        return new GroupSpec(
                id, Members.of(json, "").text("name"), include(json), rules(json, "exclude"), rules(json, "require"));
    }

    /** At least one include rule is compulsory. */
    private static List<Selector> include(JsonNode json) {
        List<Selector> include = rules(json, "include");
        if (include.isEmpty()) {
            throw new PolicyProblem("/include", "needs at least one rule");
        }
        return include;
    }

    private static List<Selector> rules(JsonNode json, String list) {
        JsonNode rules = json.get(list);
        if (rules == null || rules.isNull()) {
            return List.of();
        }
        if (!rules.isArray()) {
            throw new PolicyProblem("/" + list, "must be an array of rules");
        }
        List<Selector> read = new ArrayList<>(rules.size());
        for (int i = 0; i < rules.size(); i++) {
            try {
                read.add(SelectorJson.read(rules.get(i), ""));
            } catch (PolicyProblem problem) {
                throw problem.at("/" + list + "/" + i);
            }
        }
        return read;
    }

    private static PolicyAction action(String text) {
        for (PolicyAction action : PolicyAction.values()) {
            if (action.apiName().equals(text)) {
                return action;
            }
        }
        throw new IllegalArgumentException("must be allow, deny, non_identity or bypass");
    }

    private static boolean reportOnly(Members members, @Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw members.problem(REPORT_ONLY, "must be true or false");
        }
        return value.booleanValue();
    }

    private static @Nullable Duration sessionDuration(Members members) {
        return members.optionalText("session_duration")
                .map(text -> GoDuration.parse(text)
                        .orElseThrow(() ->
                                members.problem("session_duration", "must be a duration such as 30m, 24h or 1h30m")))
                .orElse(null);
    }
}
