package io.sallyport.scim;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Locale;
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
     * Writes a line.
     *
     * @param body as sent; a password in it is not written
     * @param refusal null when the change was made
     */
    void record(
            Directory directory,
            String method,
            String kind,
            @Nullable String id,
            @Nullable ObjectNode body,
            @Nullable ObjectNode result,
            int status,
            @Nullable String refusal) {
        ObjectNode shown = body == null ? null : body.deepCopy();
        if (shown != null) {
            shown.remove("password");
        }
        ObjectNode about = result == null ? shown : result;
        boolean user = kind.equals("USER");
        String text = shown == null || shown.toString().toLowerCase(Locale.ROOT).contains("password")
                ? null
                : shown.toString();
        jdbc.sql("""
                        insert into scim_updates (at, idp_id, method, resource_type, resource_id, external_id, email,
                                                  group_name, status, detail, body)
                        values (:at, :idp, :method, :kind, :id, :external, :email, :group, :status, :detail, :body)""")
                .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                .param("idp", directory.idp())
                .param("method", method)
                .param("kind", kind)
                .param(
                        "id",
                        id != null || result == null ? id : result.path("id").asString(null))
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
                .param("body", text == null || text.length() > LONGEST_BODY ? null : text)
                .update();
    }
}
