package io.sallyport.control;

import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.ArrayNode;
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

    ArrayNode list() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        transactions
                .read(() -> jdbc.sql("select * from workload_issuers order by created_at, id")
                        .query(WorkloadIssuerChanges::view)
                        .list())
                .forEach(all::add);
        return all;
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> find(id));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        String issuer = fields.webAddress("issuer")
                .map(URI::toString)
                .orElseThrow(() -> fields.invalid("issuer", "is required"));
        String keys = fields.webAddress("jwks_url")
                .map(URI::toString)
                .orElseThrow(() -> fields.invalid("jwks_url", "is required"));
        String audience = fields.requiredLine("audience", Limits.URL);
        boolean singleUse = fields.flag("single_use").orElse(true);
        return transactions.write(() -> {
            UUID id = UUID.randomUUID();
            int made = jdbc.sql("""
                            insert into workload_issuers
                                (id, name, issuer, jwks_url, audience, single_use, created_at, updated_at)
                            values (:id, :name, :issuer, :keys, :audience, :single, :now, :now) on conflict (issuer) do nothing""")
                    .param("id", id)
                    .param("name", name)
                    .param("issuer", issuer)
                    .param("keys", keys)
                    .param("audience", audience)
                    .param("single", singleUse)
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            if (made == 0) {
                throw ApiProblem.conflict("/issuer " + issuer + " is registered already");
            }
            ObjectNode after = find(id);
            audit.record(call, "create", KIND, id.toString(), null, after);
            return after;
        });
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
