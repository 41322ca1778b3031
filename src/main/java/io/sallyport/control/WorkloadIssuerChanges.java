package io.sallyport.control;

import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes which issuers may vouch for workloads. An issuer is registered once; a second claim is 409. */
final class WorkloadIssuerChanges {
    private static final String KIND = "workload_issuer";

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final References references;
    private final AdminAudit audit;
    private final InstantSource clock;

    WorkloadIssuerChanges(
            Transactions transactions, JdbcClient jdbc, References references, AdminAudit audit, InstantSource clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.references = references;
        this.audit = audit;
        this.clock = clock;
    }

    /** Oldest first. */
    List<ObjectNode> all() {
        return transactions.read(() -> jdbc.sql("select * from workload_issuers order by created_at, id")
                .query(WorkloadIssuerChanges::view)
                .list());
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> find(id));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        Draft draft = Draft.read(fields);
        return transactions.write(() -> {
            UUID id = UUID.randomUUID();
            int made = jdbc.sql("""
                            insert into workload_issuers
                                (id, name, issuer, jwks_url, audience, single_use, created_at, updated_at)
                            values (:id, :name, :issuer, :keys, :audience, :single, :now, :now) on conflict (issuer) do nothing""")
                    .param("id", id)
                    .param("name", draft.name())
                    .param("issuer", draft.issuer())
                    .param("keys", draft.keys())
                    .param("audience", draft.audience())
                    .param("single", draft.singleUse())
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            if (made == 0) {
                throw ApiProblem.conflict("/issuer " + draft.issuer() + " is registered already");
            }
            ObjectNode after = find(id);
            audit.record(call, "create", KIND, id.toString(), null, after);
            return after;
        });
    }

    /** The issuer itself stays: what its tokens were exchanged for speaks of the registration, and would speak of another then. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        Draft draft = Draft.read(fields);
        return transactions.write(() -> {
            ObjectNode before = find(id);
            call.requireMatch(before);
            if (!draft.issuer().equals(before.path("issuer").asString())) {
                throw fields.invalid("issuer", "cannot change; register the other issuer, and delete this one");
            }
            jdbc.sql("""
                            update workload_issuers set name = :name, jwks_url = :keys, audience = :audience,
                                single_use = :single, updated_at = :now where id = :id""")
                    .param("id", id)
                    .param("name", draft.name())
                    .param("keys", draft.keys())
                    .param("audience", draft.audience())
                    .param("single", draft.singleUse())
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            ObjectNode after = find(id);
            audit.record(call, "replace", KIND, id.toString(), before, after);
            return after;
        });
    }

    /** An issuer as a request describes it. */
    private record Draft(String name, String issuer, String keys, String audience, boolean singleUse) {
        static Draft read(Fields fields) {
            return new Draft(
                    fields.requiredLine("name", Limits.NAME),
                    address(fields, "issuer"),
                    address(fields, "jwks_url"),
                    fields.requiredLine("audience", Limits.URL),
                    fields.flag("single_use").orElse(true));
        }

        private static String address(Fields fields, String member) {
            return fields.webAddress(member)
                    .map(URI::toString)
                    .orElseThrow(() -> fields.invalid(member, "is required"));
        }
    }

    /** From then on none of its tokens counts, nor what they were exchanged for. Refused while a policy or group names it. */
    void delete(AdminCall call, UUID id) {
        transactions.write(() -> {
            ObjectNode before = find(id);
            call.requireMatch(before);
            references.refuseIfNamed(id);
            jdbc.sql("delete from workload_issuers where id = :id")
                    .param("id", id)
                    .update();
            audit.record(call, "delete", KIND, id.toString(), before, null);
            return before;
        });
    }

    private ObjectNode find(UUID id) {
        return jdbc.sql("select * from workload_issuers where id = :id")
                .param("id", id)
                .query(WorkloadIssuerChanges::view)
                .optional()
                .orElseThrow(ApiProblem::notFound);
    }

    private static ObjectNode view(ResultSet row, int number) throws SQLException {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.getString("id"))
                .put("name", row.getString("name"))
                .put("issuer", row.getString("issuer"))
                .put("jwks_url", row.getString("jwks_url"))
                .put("audience", row.getString("audience"))
                .put("single_use", row.getBoolean("single_use"));
        view.set("created_at", ApiTimes.node(row.getTimestamp("created_at").toInstant()));
        view.set("updated_at", ApiTimes.node(row.getTimestamp("updated_at").toInstant()));
        return view;
    }
}
