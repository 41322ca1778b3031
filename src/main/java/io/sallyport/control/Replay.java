package io.sallyport.control;

import io.sallyport.catalog.UserRow;
import io.sallyport.decision.DecisionRecord;
import io.sallyport.decision.Decisions;
import io.sallyport.http.HostName;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotCompiler.Trial;
import io.sallyport.snapshot.SnapshotHolder;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Computes who would gain and who would lose access by a change, without making it. The change is rehearsed by the code
 * of real changes and rolled back. Then the requests of the last days, and a request of every known person to every
 * application, are decided twice: by the current configuration and by the proposed one. Recorded outcomes are not used,
 * so that every difference is caused by the change.
 *
 * <p>Facts of a login come from its stored identity, because the proposed rules may need more than the token held. If
 * the identity was deleted, the token's facts are used if both configurations need only those; otherwise the decision
 * is counted in {@code without_identity}. External evaluators are not asked again: their answers are taken from the
 * token or are undecided.
 */
final class Replay {
    private static final int MOST_DECISIONS = 100_000;
    private static final int LONGEST_LOOK_BACK_DAYS = 365;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final InetAddress UNSPECIFIED = InetAddress.ofLiteral("0.0.0.0");

    private final Transactions transactions;
    private final Proposal proposal;
    private final SnapshotHolder snapshots;
    private final Decisions decisions;
    private final KnownPeople people;
    private final InstantSource clock;

    Replay(
            Transactions transactions,
            Proposal proposal,
            SnapshotHolder snapshots,
            Decisions decisions,
            KnownPeople people,
            InstantSource clock) {
        this.transactions = transactions;
        this.proposal = proposal;
        this.snapshots = snapshots;
        this.decisions = decisions;
        this.people = people;
        this.clock = clock;
    }

    /** Takes a {@link Proposal} with {@code days}, {@code limit} and {@code examples} beside it. */
    ObjectNode run(AdminCall call, Fields body) {
        int days = body.integer("days", 1, LONGEST_LOOK_BACK_DAYS).orElse(30);
        int limit = body.integer("limit", 0, MOST_DECISIONS).orElse(MOST_DECISIONS);
        int examples = body.integer("examples", 0, 1000).orElse(20);
        Snapshot live = snapshots.current();
        if (live == null) {
            throw ApiProblem.unavailable();
        }
        Trial proposed = transactions.rehearse(call, () -> proposal.make(call, body));
        long began = System.nanoTime();
        Deadline deadline = new Deadline(began + PATIENCE.toNanos());
        ReplayComparison comparison = new ReplayComparison(examples);
        Instant since = clock.instant().minus(Duration.ofDays(days));
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.set("decisions", past(live, proposed, since, limit, comparison, deadline));
        result.set("users", people(live, proposed, comparison, deadline));
        comparison.writeTo(result);
        return result.put("complete", !deadline.passed())
                .put("took_ms", Duration.ofNanos(System.nanoTime() - began).toMillis());
    }

    /** The time limit, after which the answer is marked as incomplete. */
    private static final class Deadline {
        private final long at;
        private boolean passed;

        Deadline(long at) {
            this.at = at;
        }

        boolean passed() {
            passed |= System.nanoTime() - at > 0;
            return passed;
        }
    }

    private ObjectNode past(
            Snapshot live, Trial proposed, Instant since, int limit, ReplayComparison comparison, Deadline deadline) {
        List<DecisionRecord> records = new ArrayList<>();
        decisions.newest(new Decisions.Filter(since, null, null, null, null), limit, records::add);
        Map<IdentityNonce, Identity> identities = identities(records);
        ReplayComparison.Tally tally = new ReplayComparison.Tally();
        for (DecisionRecord record : records) {
            if (deadline.passed()) {
                break;
            }
            Application before =
                    application(live.applications().find(host(record), record.path()), live.applicationsById(), record);
            Application after = application(
                    proposed.applications().find(host(record), record.path()), proposed.applicationsById(), record);
            tally.add(comparison.past(record, before, after, identity(record, identities)));
        }
        return tally.json().put("recorded", records.size());
    }

    private static @Nullable Identity identity(DecisionRecord record, Map<IdentityNonce, Identity> identities) {
        return record.nonce() == null ? null : identities.get(record.nonce());
    }

    /** The application of a request: found by its address, or the one that a login names. */
    private static @Nullable Application application(
            Optional<Application> atAddress, Map<AppId, Application> byId, DecisionRecord record) {
        return record.place().equals("gate") ? atAddress.orElse(null) : byId.get(record.application());
    }

    private static HostName host(DecisionRecord record) {
        return HostName.parse(record.host()).orElseThrow();
    }

    private Map<IdentityNonce, Identity> identities(List<DecisionRecord> records) {
        Set<IdentityNonce> nonces = new LinkedHashSet<>();
        for (DecisionRecord record : records) {
            if (record.nonce() != null) {
                nonces.add(record.nonce());
            }
        }
        return people.identities(List.copyOf(nonces));
    }

    /** Compares all known people at every application whose policies change. */
    private ObjectNode people(Snapshot live, Trial proposed, ReplayComparison comparison, Deadline deadline) {
        Map<UUID, Identity> newest = people.newestIdentities();
        List<UserRow> everybody = people.everybody();
        ReplayComparison.Tally tally = new ReplayComparison.Tally();
        Set<AppId> applications = new LinkedHashSet<>(live.applicationsById().keySet());
        applications.addAll(proposed.applicationsById().keySet());
        for (AppId id : applications) {
            Application before = live.applicationsById().get(id);
            Application after = proposed.applicationsById().get(id);
            if (before != null && after != null && before.policy().sameAs(after.policy())) {
                continue;
            }
            for (UserRow user : everybody) {
                if (deadline.passed()) {
                    return tally.json().put("known", everybody.size());
                }
                tally.add(comparison.person(user, newest.get(user.id()), before, after));
            }
        }
        return tally.json().put("known", everybody.size());
    }

    /** A request from the address and country of the person's newest login; without either if there is none. */
    static AccessRequest askedBy(UserRow user, @Nullable Identity identity, Subject subject) {
        String ip = identity == null ? null : identity.ip();
        return new AccessRequest(
                ip == null ? UNSPECIFIED : InetAddress.ofLiteral(ip),
                identity == null ? null : identity.country(),
                null,
                null,
                subject);
    }

    /** The person's current e-mail address. */
    static Email address(UserRow user) {
        return new Email(user.email());
    }
}
