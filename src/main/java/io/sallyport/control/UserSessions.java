package io.sallyport.control;

import io.sallyport.audit.AuditEvent.Authentication;
import io.sallyport.audit.AuthEvents;
import io.sallyport.catalog.ApplicationRow;
import io.sallyport.catalog.UserRow;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.session.SessionLedger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a person's logins left behind: live sessions, the identity last seen, and logins that failed. */
final class UserSessions {
    private static final int MOST_FAILED_LOGINS = 100;

    /** A failed login is listed this long. */
    private static final Duration FAILED_LOGIN_LISTED = Duration.ofDays(30);

    /** One live session. */
    private record Live(
            String nonce,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Pass pass) {}

    /** The app pass that a session is. */
    private record Pass(
            String id,
            String name,
            String application,
            @Nullable Instant lastUsedAt) {}

    private final Transactions transactions;
    private final UserChanges users;
    private final SessionLedger ledger;
    private final AuthEvents events;
    private final AccessLogs logs;
    private final AccountScope scope;
    private final JdbcClient jdbc;
    private final InstantSource clock;

    UserSessions(
            Transactions transactions,
            UserChanges users,
            SessionLedger ledger,
            AuthEvents events,
            AccessLogs logs,
            AccountScope scope,
            JdbcClient jdbc,
            InstantSource clock) {
        this.transactions = transactions;
        this.users = users;
        this.ledger = ledger;
        this.events = events;
        this.logs = logs;
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    List<ObjectNode> active(UUID id) {
        return transactions.read(() -> {
            UserRow user = users.find(id);
            return live(user).stream().map(session -> view(user, session)).toList();
        });
    }

    /** The identity behind one of the person's live sessions. */
    ObjectNode identityOf(UUID id, String nonce) {
        return transactions.read(() -> {
            boolean own = live(users.find(id)).stream()
                    .anyMatch(session -> session.nonce().equals(nonce));
            if (!own) {
                throw ApiProblem.notFound("this person has no session of this nonce");
            }
            return identity(nonce).put("isActive", true);
        });
    }

    /** The identity of the newest live session. */
    ObjectNode lastSeenIdentity(UUID id) {
        return transactions.read(() -> {
            Identity newest = newestIdentity(users.find(id))
                    .orElseThrow(() -> ApiProblem.notFound("this person is not signed in"));
            return IdentityView.of(newest, scope.account().id());
        });
    }

    /** The identity behind the person's newest live session. */
    Optional<Identity> newestIdentity(UserRow user) {
        return live(user).stream()
                .findFirst()
                .flatMap(session -> ledger.find(new IdentityNonce(session.nonce()), clock.instant()));
    }

    List<ObjectNode> failedLogins(UUID id) {
        return transactions.read(() -> {
            UserRow user = users.find(id);
            Instant since = clock.instant().minus(FAILED_LOGIN_LISTED);
            var filter = AuthEvents.Filter.failedLoginsOf(new UserId(id), user.email(), since);
            List<Authentication> found = events.find(filter, MOST_FAILED_LOGINS, 0);
            Map<UUID, ApplicationRow> applications = logs.applicationsOf(found);
            return found.stream()
                    .map(event -> failedLogin(id, event, applications))
                    .toList();
        });
    }

    private static ObjectNode failedLogin(UUID user, Authentication event, Map<UUID, ApplicationRow> applications) {
        AppId app = event.application();
        ApplicationRow known = app == null ? null : applications.get(app.value());
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("expiration", event.at().plus(FAILED_LOGIN_LISTED).getEpochSecond());
        view.putObject("metadata")
                .put("app_name", known == null ? null : known.name())
                .put("aud", known == null ? null : known.aud())
                .put("datetime", ApiTimes.text(event.at()))
                .put("ray_id", event.ray())
                .put("user_email", event.email())
                .put("user_uuid", user.toString());
        return view;
    }

    private List<Live> live(UserRow user) {
        return jdbc.sql("""
                        select s.nonce, s.created_at, s.expires_at, p.id, p.name, p.app_id, p.last_used_at
                        from open_sessions s left join app_passes p on p.nonce = s.nonce
                        where s.user_id = :user and s.expires_at > :now
                        order by s.created_at desc, s.nonce""")
                .param("user", user.id())
                .param("now", Timestamp.from(clock.instant()))
                .query((row, number) -> new Live(
                        row.getString("nonce"),
                        row.getTimestamp("created_at").toInstant(),
                        row.getTimestamp("expires_at").toInstant(),
                        pass(row)))
                .list();
    }

    private static @Nullable Pass pass(ResultSet row) throws SQLException {
        String id = row.getString("id");
        Timestamp used = row.getTimestamp("last_used_at");
        return id == null
                ? null
                : new Pass(id, row.getString("name"), row.getString("app_id"), used == null ? null : used.toInstant());
    }

    private ObjectNode view(UserRow user, Live session) {
        long expires = session.expiresAt().getEpochSecond();
        long began = session.createdAt().getEpochSecond();
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("name", scope.account().id() + "." + user.id() + "." + session.nonce())
                .put("expiration", expires);
        ObjectNode metadata = view.putObject("metadata")
                .put("expires", expires)
                .put("iat", began)
                .put("nonce", session.nonce())
                .put("ttl", expires - began);
        Pass pass = session.pass();
        if (pass != null) {
            metadata.putObject("sallyport_app_pass")
                    .put("id", pass.id())
                    .put("name", pass.name())
                    .put("app_id", pass.application())
                    .put("last_used_at", pass.lastUsedAt() == null ? null : ApiTimes.text(pass.lastUsedAt()));
        }
        ObjectNode apps = metadata.putObject("apps");
        jdbc.sql("""
                        select a.id, a.aud, a.domain, a.name, a.type
                        from session_apps s join applications a on a.id = s.app_id
                        where s.nonce = :nonce order by a.created_at, a.id""").param("nonce", session.nonce()).query(row -> {
            apps.putObject(row.getString("aud"))
                    .put("hostname", row.getString("domain"))
                    .put("name", row.getString("name"))
                    .put("type", row.getString("type"))
                    .put("uid", row.getString("id"));
        });
        return view;
    }

    private ObjectNode identity(String nonce) {
        Identity identity =
                ledger.find(new IdentityNonce(nonce), clock.instant()).orElseThrow(ApiProblem::notFound);
        return IdentityView.of(identity, scope.account().id());
    }
}
