package io.sallyport.control;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One entry of an application's {@code policies}: a bare id, an id with a precedence, or a whole policy.
 *
 * @param id of an existing policy, null for a new one
 * @param inline the policy itself, when the entry carries one; for a reusable policy it is ignored, so that what a read expanded
 *     may be written back
 */
record PolicyAttachment(
        @Nullable UUID id, int precedence, @Nullable PolicyDraft inline, String pointer) {
    /** Reads the list; absent or null keeps the present policies. Array order supplies a missing precedence. */
    static Optional<List<PolicyAttachment>> readAll(Fields fields) {
        JsonNode policies = fields.json().get("policies");
        if (policies == null || policies.isNull()) {
            return Optional.empty();
        }
        List<JsonNode> nodes = fields.list("policies", Limits.ENTRIES);
        List<PolicyAttachment> attachments = new ArrayList<>();
        Set<Integer> precedences = new HashSet<>();
        Set<UUID> ids = new HashSet<>();
        for (int i = 0; i < nodes.size(); i++) {
            PolicyAttachment attachment = read(nodes.get(i), i + 1, fields.pointerTo("policies") + "/" + i);
            if (!precedences.add(attachment.precedence)) {
                throw ApiProblem.invalidPrecedence(
                        attachment.pointer + "/precedence",
                        "must be unique; " + attachment.precedence + " is there twice");
            }
            if (attachment.id != null && !ids.add(attachment.id)) {
                throw ApiProblem.invalid(attachment.pointer, "is there twice");
            }
            attachments.add(attachment);
        }
        return Optional.of(List.copyOf(attachments));
    }

    private static PolicyAttachment read(JsonNode node, int position, String pointer) {
        if (node.isString()) {
            UUID id = Ids.parse(node.stringValue())
                    .orElseThrow(() -> ApiProblem.invalid(pointer, "must be the id of a policy, a UUID"));
            return new PolicyAttachment(id, position, null, pointer);
        }
        if (!node.isObject()) {
            throw ApiProblem.invalid(pointer, "must be a policy, {id, precedence}, or a policy's id alone");
        }
        Fields fields = Fields.at(node, pointer);
        UUID id = fields.uuid("id").orElse(null);
        int precedence = precedence(fields).orElse(position);
        PolicyDraft inline = id == null || fields.has("decision") ? PolicyDraft.read(fields) : null;
        return new PolicyAttachment(id, precedence, inline, pointer);
    }

    /** A precedence, when given: a positive whole number. */
    static Optional<Integer> precedence(Fields fields) {
        if (!fields.has("precedence")) {
            return Optional.empty();
        }
        JsonNode value = fields.json().get("precedence");
        if (!value.isIntegralNumber() || value.doubleValue() < 1 || value.doubleValue() > Integer.MAX_VALUE) {
            throw ApiProblem.invalidPrecedence(fields.pointerTo("precedence"), "must be a positive whole number");
        }
        return Optional.of(value.intValue());
    }
}
