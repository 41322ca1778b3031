package io.sallyport.control;

import io.sallyport.catalog.ApplicationRow;
import io.sallyport.catalog.UserRepository;
import io.sallyport.catalog.UserRow;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Subject;
import io.sallyport.policy.Truth;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers whether a person would get into an application now, with the policies and the identity the gate
 * itself would use. The compatible call names nobody; here {@code email} or {@code user_id} does, and without them the question is
 * about a visitor who has not signed in.
 *
 * <p>Rules about the request itself look at the person's newest live login: its address, and the country it had then. Who has none,
 * like the visitor nobody knows, comes from the unspecified address and from no known country. Nobody is taken to present a service
 * token or a certificate.
 */
final class UserPolicyChecks {
    private static final InetAddress UNSPECIFIED = InetAddress.ofLiteral("0.0.0.0");

    private final Transactions transactions;
    private final StoredApplications applications;
    private final ApplicationViews views;
    private final UserRepository users;
    private final UserSessions sessions;
    private final SnapshotHolder snapshots;
    private final AccountScope scope;

    UserPolicyChecks(
            Transactions transactions,
            StoredApplications applications,
            ApplicationViews views,
            UserRepository users,
            UserSessions sessions,
            SnapshotHolder snapshots,
            AccountScope scope) {
        this.transactions = transactions;
        this.applications = applications;
        this.views = views;
        this.users = users;
        this.sessions = sessions;
        this.snapshots = snapshots;
        this.scope = scope;
    }

    ObjectNode check(String idOrAudience, Query query) {
        return transactions.read(() -> {
            ApplicationRow row = applications.find(idOrAudience);
            Snapshot snapshot = snapshots.current();
            Application application =
                    snapshot == null ? null : snapshot.applicationsById().get(new AppId(row.id()));
            Optional<UserRow> user = user(query);
            Optional<Identity> identity = user.flatMap(sessions::newestIdentity);
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            ObjectNode state = result.putObject("app_state")
                    .put("app_uid", row.id().toString())
                    .put("aud", row.aud())
                    .put("hostname", row.domain())
                    .put("name", row.name());
            ArrayNode policies = state.putArray("policies");
            views.policiesOf(row.id()).forEach(policies::add);
            state.put("status", admits(application, request(application, user, identity)) ? "Success" : "Failure");
            result.set(
                    "user_identity",
                    identity.map(each -> IdentityView.of(each, scope.account().id()))
                            .or(() -> user.map(UserPolicyChecks::stranger))
                            .orElse(null));
            return result;
        });
    }

    private Optional<UserRow> user(Query query) {
        Optional<String> email = query.text("email");
        Optional<String> id = query.text("user_id");
        if (email.isEmpty() && id.isEmpty()) {
            return Optional.empty();
        }
        Optional<UserRow> found = email.isPresent()
                ? email.flatMap(Email::parse).map(Email::value).flatMap(users::findByEmail)
                : id.flatMap(Ids::parse).flatMap(users::findById);
        return Optional.of(found.orElseThrow(() -> ApiProblem.notFound("nobody is known by this email or user_id")));
    }

    private static AccessRequest request(
            @Nullable Application application, Optional<UserRow> user, Optional<Identity> identity) {
        return new AccessRequest(
                identity.map(Identity::ip).map(InetAddress::ofLiteral).orElse(UNSPECIFIED),
                identity.map(Identity::country).orElse(null),
                null,
                null,
                subject(application, user, identity));
    }

    /** Who never signed in has an e-mail address and nothing else. */
    private static Subject subject(
            @Nullable Application application, Optional<UserRow> user, Optional<Identity> identity) {
        if (application != null && identity.isPresent()) {
            return new Subject.Person(
                    identity.get().email(), application.policy().facts().capture(identity.get(), Map.of()));
        }
        return user.<Subject>map(row -> new Subject.Person(new Email(row.email()), fact -> Truth.UNDECIDED))
                .orElseGet(Subject.Anonymous::new);
    }

    private static boolean admits(@Nullable Application application, AccessRequest request) {
        return application != null && application.policy().decide(request) instanceof Decision.Permit;
    }

    private static ObjectNode stranger(UserRow row) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("user_uuid", row.id().toString())
                .put("email", row.email())
                .put("name", row.name());
    }
}
