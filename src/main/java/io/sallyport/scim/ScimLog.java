package io.sallyport.scim;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.ObjectNode;

/** What directories asked for and got: one line for every change, made or refused ({@code /access/logs/scim/updates}). */
class ScimLog {
    private static final int LONGEST_BODY = 16_384;

    private final JdbcClient jdbc;
    private final InstantSource clock;

    ScimLog(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * A change that a directory asks for.
     *
     * @param kind {@code USER} or {@code GROUP}
     * @param id null when a resource is to be made
     * @param body as sent; a password in it is not written
     */
    record Change(
            String method,
            String kind,
            @Nullable UUID id,
            @Nullable ObjectNode body) {
        /** The body as it may be written; null when there is none, or when it speaks of a password at another place. */
        private @Nullable String text() {
            ObjectNode shown = withoutPassword();
            String text = shown == null ? "" : shown.toString();
            boolean fits = !text.isEmpty()
                    && text.length() <= LONGEST_BODY
                    && !text.toLowerCase(Locale.ROOT).contains("password");
            return fits ? text : null;
        }

        private @Nullable ObjectNode withoutPassword() {
            if (body == null) {
                return null;
            }
            ObjectNode shown = body.deepCopy();
            shown.remove("password");
            return shown;
        }
    }

    /** It was made. */
    void made(Directory directory, Change change, ScimEndpoint.Answer answer) {
        write(directory, change, answer.body(), answer.status(), null);
    }

    /** It was refused. */
    void refused(Directory directory, Change change, ScimProblem problem) {
        write(directory, change, null, problem.status(), problem.getMessage());
    }

    private void write(
            Directory directory, Change change, @Nullable ObjectNode result, int status, @Nullable String refusal) {
        ObjectNode about = result == null ? change.withoutPassword() : result;
        boolean user = change.kind().equals("USER");
        jdbc.sql("""
                        insert into scim_updates (at, idp_id, method, resource_type, resource_id, external_id, email,
                                                  group_name, status, detail, body)
                        values (:at, :idp, :method, :kind, :id, :external, :email, :group, :status, :detail, :body)""")
                .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                .param("idp", directory.idp())
                .param("method", change.method())
                .param("kind", change.kind())
                .param("id", id(change, result))
                .param(
                        "external",
                        about == null ? null : about.path("externalId").asString(null))
                .param(
                        "email",
                        about == null || !user ? null : about.path("userName").asString(null))
                .param(
                        "group",
                        about == null || user ? null : about.path("displayName").asString(null))
                .param("status", status)
                .param("detail", refusal)
                .param("body", change.text())
                .update();
    }

    private static @Nullable String id(Change change, @Nullable ObjectNode result) {
        if (change.id() != null) {
            return change.id().toString();
        }
        return result == null ? null : result.path("id").asString(null);
    }
}
