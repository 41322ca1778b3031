package io.sallyport.control;

import io.sallyport.catalog.PolicyLinks;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.PolicyRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The policies of applications in their order: an application's own, which are deleted with it, and reusable ones. */
final class PolicyAttachments {
    private final PolicyRepository policies;
    private final PolicyLinks links;
    private final PolicyCheck check;

    PolicyAttachments(PolicyRepository policies, PolicyLinks links, PolicyCheck check) {
        this.policies = policies;
        this.links = links;
        this.check = check;
    }

    /** A policy with its precedence in an application. */
    record Attached(PolicyRow policy, int precedence) {}

    /** Gives a new application its first policies. */
    List<Attached> attachFirst(UUID application, List<PolicyAttachment> attachments, Instant now) {
        List<Attached> wanted = attached(application, attachments, new HashMap<>(), now);
        links.add(application, links(application, wanted));
        return wanted;
    }

    /** Replaces an application's policies; its own policies that are not in the list are deleted. */
    List<Attached> replace(UUID application, List<PolicyAttachment> attachments, Instant now) {
        Map<UUID, PolicyRow> unused = new HashMap<>();
        policies.findByAppId(application).forEach(row -> unused.put(row.id(), row));
        attachments.stream().map(PolicyAttachment::id).filter(Objects::nonNull).forEach(unused::remove);
        List<Attached> wanted = attached(application, attachments, unused, now);
        links.replace(application, links(application, wanted));
        policies.deleteAll(unused.values());
        return wanted;
    }

    private List<Attached> attached(
            UUID application, List<PolicyAttachment> attachments, Map<UUID, PolicyRow> unused, Instant now) {
        List<Attached> attached = new ArrayList<>();
        for (PolicyAttachment attachment : attachments) {
            attached.add(new Attached(policyOf(application, attachment, unused, now), attachment.precedence()));
        }
        attached.sort(Comparator.comparingInt(Attached::precedence));
        return attached;
    }

    private static List<PolicyLinks.Link> links(UUID application, List<Attached> attached) {
        return attached.stream()
                .map(each -> new PolicyLinks.Link(application, each.policy().id(), each.precedence()))
                .toList();
    }

    private PolicyRow policyOf(
            UUID application, PolicyAttachment attachment, Map<UUID, PolicyRow> unused, Instant now) {
        PolicyDraft inline = attachment.inline();
        UUID id = attachment.id();
        if (id == null) {
            Objects.requireNonNull(inline, "an attachment has an id or a policy");
            PolicyRow namesake = takeNamesake(unused, inline.name());
            return namesake == null ? create(application, inline, now) : change(namesake, inline, now);
        }
        PolicyRow named =
                policies.findById(id).orElseThrow(() -> ApiProblem.invalid(attachment.pointer(), "names no policy"));
        if (named.reusable()) {
            return named;
        }
        if (!application.equals(named.appId())) {
            throw ApiProblem.invalid(attachment.pointer(), "names another application's own policy");
        }
        return inline == null ? named : change(named, inline, now);
    }

    /** Matches a policy without an id to a stored one of the same name, so that it keeps its id and creation time. */
    private static @Nullable PolicyRow takeNamesake(Map<UUID, PolicyRow> unused, String name) {
        return unused.values().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .map(row -> unused.remove(row.id()))
                .orElse(null);
    }

    /** A policy of any kind. */
    PolicyRow find(UUID id) {
        return policies.findById(id).orElseThrow(ApiProblem::notFound);
    }

    /** Detaches a policy from an application; a policy of its own is deleted. */
    void detach(UUID application, PolicyRow policy) {
        links.replace(
                application,
                links.of(application).stream()
                        .filter(link -> !link.policy().equals(policy.id()))
                        .toList());
        if (!policy.reusable()) {
            policies.delete(policy);
        }
    }

    /** Gives a policy a precedence. The policy that has it moves up by one, and so on until there is a gap. */
    void place(UUID app, UUID policy, Optional<Integer> precedence) {
        List<PolicyLinks.Link> others = new ArrayList<>(links.of(app));
        others.removeIf(link -> link.policy().equals(policy));
        int last = others.isEmpty() ? 0 : others.getLast().precedence();
        int wanted = precedence.orElse(last + 1);
        List<PolicyLinks.Link> placed = new ArrayList<>();
        placed.add(new PolicyLinks.Link(app, policy, wanted));
        int taken = wanted;
        for (PolicyLinks.Link other : others) {
            if (other.precedence() == taken) {
                taken++;
                placed.add(new PolicyLinks.Link(app, other.policy(), taken));
            } else {
                placed.add(other);
            }
        }
        links.replace(app, placed);
    }

    /** Stores a new policy of the application's own. */
    PolicyRow create(UUID application, PolicyDraft draft, Instant now) {
        UUID id = UUID.randomUUID();
        check.check(id, draft);
        return policies.save(
                new PolicyRow(id, application, draft.name(), draft.action().apiName(), draft.body(), now));
    }

    /** Changes a policy of the application's own; without a difference its time of change stays. */
    PolicyRow change(PolicyRow row, PolicyDraft draft, Instant now) {
        check.check(row.id(), draft);
        boolean same = row.name().equals(draft.name())
                && row.decision().equals(draft.action().apiName())
                && row.body().equals(draft.body());
        if (!same) {
            row.change(draft.name(), draft.action().apiName(), draft.body(), now);
        }
        return row;
    }
}
