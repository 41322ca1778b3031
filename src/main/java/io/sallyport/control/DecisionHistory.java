package io.sallyport.control;

import io.sallyport.decision.DecisionRecord;
import io.sallyport.decision.Decisions;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.ServiceIdentity;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Shows what the gate decided, newest first, and one decision with its whole tree. There is no way to change it. */
final class DecisionHistory {
    private static final Set<String> OUTCOMES = Set.of("allowed", "denied", "login_required");

    private final Transactions transactions;
    private final Decisions decisions;
    private final JdbcClient jdbc;

    DecisionHistory(Transactions transactions, Decisions decisions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.decisions = decisions;
        this.jdbc = jdbc;
    }

    /** Filters {@code email}, {@code app} (id, name, domain or host), {@code outcome}, {@code since}, {@code until}. */
    Paged<ObjectNode> list(Query query) {
        Decisions.Filter filter = filter(query);
        Paging paging = query.paging();
        return transactions.read(() -> {
            List<DecisionRecord> page = decisions.find(filter, paging.perPage(), paging.offset());
            Decisions.Total total = decisions.count(filter);
            return new Paged<>(paging, page, total.count(), total.isLeast()).map(DecisionHistory::summary);
        });
    }

    /** By the ray id of the page or the log, in whatever case it was read out. */
    ObjectNode get(String id) {
        return transactions.read(() -> {
            DecisionRecord record = decisions.find(id.toLowerCase(Locale.ROOT)).orElseThrow(ApiProblem::notFound);
            ObjectNode view = summary(record);
            JsonNode tree = record.tree();
            view.set("tree", tree == null ? view.nullNode() : tree);
            view.set("names", names(tree));
            return view;
        });
    }

    /** What the ids in the rules stand for today, so that nobody has to look them up; what is gone has no name any more. */
    private ObjectNode names(@Nullable JsonNode tree) {
        ObjectNode names = JsonNodeFactory.instance.objectNode();
        Set<UUID> ids = new HashSet<>();
        if (tree != null) {
            tree.findValues("rule").forEach(rule -> collect(rule, ids));
        }
        if (!ids.isEmpty()) {
            jdbc.sql("""
                            select id, name from lists where id in (:ids)
                            union all select id, name from identity_providers where id in (:ids)
                            union all select id, name from service_tokens where id in (:ids)
                            union all select id, name from workload_issuers where id in (:ids)
                            union all select id, name from access_groups where id in (:ids)""").param("ids", ids).query(row -> {
                names.put(row.getString(1), row.getString(2));
            });
        }
        return names;
    }

    private static void collect(JsonNode node, Set<UUID> ids) {
        if (node.isString()) {
            Ids.parse(node.stringValue()).ifPresent(ids::add);
        }
        node.forEach(each -> collect(each, ids));
    }

    private static Decisions.Filter filter(Query query) {
        String outcome = query.text("outcome").orElse(null);
        if (outcome != null && !OUTCOMES.contains(outcome)) {
            throw ApiProblem.invalidParameter("outcome", "must be allowed, denied or login_required");
        }
        return new Decisions.Filter(
                query.instant("since").orElse(null),
                query.instant("until").orElse(null),
                query.text("email").map(text -> text.toLowerCase(Locale.ROOT)).orElse(null),
                query.text("app").orElse(null),
                outcome);
    }

    private static ObjectNode summary(DecisionRecord record) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", record.id())
                .put("at", ApiTimes.text(record.at()))
                .put("outcome", record.outcome())
                .put("reason", record.reason())
                .put(
                        "policy_id",
                        record.policy() == null ? null : record.policy().toString())
                .put("policy_name", record.policyName())
                .put("place", record.place())
                .put("session", record.session())
                .put("config_version", record.version())
                .put("repeats", record.repeats())
                .put("same_as", record.sameAs());
        view.putObject("application")
                .put("id", record.application().toString())
                .put("name", record.applicationName())
                .put("domain", record.applicationDomain());
        view.putObject("request")
                .put("method", record.method())
                .put("host", record.host())
                .put("path", record.path())
                .put("client_ip", record.client())
                .put("country", record.country());
        ServiceIdentity service = record.service();
        CertificateIdentity certificate = record.certificate();
        view.putObject("who")
                .put("email", record.email())
                .put("user_id", record.user() == null ? null : record.user().toString())
                .put("service_token_id", service == null ? null : service.id().toString())
                .put("service_token_client_id", service == null ? null : service.clientId())
                .put("service_token_name", service == null ? null : service.name())
                .put("certificate_common_name", certificate == null ? null : certificate.commonName())
                .put("certificate_thumbprint", certificate == null ? null : certificate.thumbprint());
        return view;
    }
}
