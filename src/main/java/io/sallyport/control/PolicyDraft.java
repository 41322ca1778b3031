package io.sallyport.control;

import io.sallyport.identity.PolicyId;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.json.PolicyJson;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy as a request describes it, validated.
 *
 * @param body what is kept and returned beside the columns: rules, settings and members we do not know
 * @param pointer where it stands in the request, for complaints that come later
 */
record PolicyDraft(
        String name,
        PolicyAction action,
        Rules rules,
        @Nullable Duration sessionDuration,
        boolean reportOnly,
        ObjectNode body,
        String pointer) {
    private static final Map<String, PolicyAction> ACTIONS = Arrays.stream(PolicyAction.values())
            .collect(Collectors.toUnmodifiableMap(PolicyAction::apiName, Function.identity()));

    /** Members with a column of their own, and those only the server writes. */
    private static final Set<String> NOT_IN_BODY = Set.of(
            "id",
            "uid",
            "account_id",
            "app_count",
            "created_at",
            "updated_at",
            "reusable",
            "name",
            "decision",
            "precedence",
            "include",
            "exclude",
            "require");

    /** Reads and validates. */
    static PolicyDraft read(Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        PolicyAction action = fields.oneOf("decision", ACTIONS.keySet())
                .map(ACTIONS::get)
                .orElseThrow(() -> fields.invalid("decision", "is required"));
        Rules rules = Rules.read(fields);
        Duration duration = fields.duration("session_duration", Duration.ZERO, Limits.LONGEST_SESSION)
                .orElse(null);
        boolean reportOnly = fields.isSet(PolicyJson.REPORT_ONLY);
        fields.flag("isolation_required");
        fields.object("connection_rules");
        checkJustificationAndApproval(fields);
        fields.object("mfa_config").ifPresent(MfaConfig::check);
        ObjectNode body = fields.keptExcept(NOT_IN_BODY);
        rules.writeTo(body);
        return new PolicyDraft(name, action, rules, duration, reportOnly, body, fields.pointer());
    }

    /** The policy for the compiler. */
    PolicySpec spec(UUID id) {
        return new PolicySpec(
                new PolicyId(id),
                name,
                action,
                rules.include(),
                rules.exclude(),
                rules.require(),
                sessionDuration,
                reportOnly);
    }

    /** Every selector of the draft, by pointer. */
    List<Rules.Placed> selectors() {
        return rules.placed(pointer);
    }

    /**
     * Temporary access is not implemented: the policy would admit everybody it matches without asking an
     * approver. So a policy that requires approval is refused; approval groups without that requirement are stored and
     * echoed.
     */
    private static void checkJustificationAndApproval(Fields fields) {
        fields.flag("purpose_justification_required");
        fields.text("purpose_justification_prompt", Limits.MESSAGE);
        for (Fields group : fields.objects("approval_groups", 100)) {
            if (group.integer("approvals_needed", 1, 1000).isEmpty()) {
                throw group.invalid("approvals_needed", "is required");
            }
            group.uuid("email_list_uuid");
            group.lines("email_addresses", 1000, 254);
            if (!group.has("email_list_uuid") && !group.has("email_addresses")) {
                throw group.invalid("email_addresses", "or email_list_uuid is required");
            }
        }
        if (fields.isSet("approval_required")) {
            throw fields.invalid(
                    "approval_required",
                    "cannot be true: approvals are not enforced here, so the policy would admit without one");
        }
    }
}
