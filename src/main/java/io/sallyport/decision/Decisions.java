package io.sallyport.decision;

import io.sallyport.decision.QueuedDecisionLog.Entry;
import io.sallyport.identity.AppId;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.identity.UserId;
import io.sallyport.policy.FactSet;
import io.sallyport.policy.Subject;
import io.sallyport.policy.json.ExplanationJson;
import io.sallyport.session.StoredIdentityJson;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.ParameterizedPreparedStatementSetter;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Decisions in PostgreSQL: where the log stores them, explained, and where the API reads them. Blocking. */
public class Decisions implements DecisionSink {
    private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String WITHOUT_TREE = """
            id, at, same_as, repeats, version, app_id, app_name, app_domain, outcome, reason, policy_id, policy_name, session,
            place, method, host, path, user_id, email, service_id, client_id, service_name, client, country, nonce, facts,
            certificate_name, certificate_thumbprint""";

    /** How far a list is counted: who looks for one decision among more than these searches instead of paging. */
    static final int COUNTED = 10_000;

    private final JdbcTemplate jdbc;
    private final JdbcClient queries;
    private final TransactionTemplate transaction;

    Decisions(JdbcTemplate jdbc, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.queries = JdbcClient.create(jdbc);
        this.transaction = transaction;
    }

    /**
     * What to read; null members do not restrict.
     *
     * @param since inclusive
     * @param until inclusive
     * @param application its id, or its name, domain or host to the letter
     */
    public record Filter(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String email,
            @Nullable String application,
            @Nullable String outcome) {}

    /**
     * How many decisions fit.
     *
     * @param count at most {@value #COUNTED}
     * @param isLeast whether there are more than that
     */
    public record Total(long count, boolean isLeast) {}

    @Override
    public void store(List<Entry> batch) {
        List<Entry> rows = new ArrayList<>();
        List<Entry.Repeats> repeats = new ArrayList<>();
        for (Entry entry : batch) {
            switch (entry) {
                case Entry.Whole whole -> rows.add(whole);
                case Entry.Again again -> rows.add(again);
                case Entry.Repeats count -> repeats.add(count);
            }
        }
        Map<IdentityNonce, Identity> identities = identities(rows.stream()
                .map(row -> row instanceof Entry.Whole whole ? whole.decided().nonce() : null)
                .filter(Objects::nonNull)
                .distinct()
                .toList());
        transaction.executeWithoutResult(status -> {
            insert(rows, identities);
            jdbc.batchUpdate(
                    "update decisions set repeats = repeats + ? where id = ?",
                    repeats.stream()
                            .map(each -> new Object[] {each.count(), each.first()})
                            .toList());
        });
    }

    /** The stored identities behind logins, ended ones too. One that cannot be read is left out. */
    public Map<IdentityNonce, Identity> identities(Collection<IdentityNonce> nonces) {
        Map<IdentityNonce, Identity> found = HashMap.newHashMap(nonces.size());
        if (nonces.isEmpty()) {
            return found;
        }
        String[] wanted = nonces.stream().map(IdentityNonce::value).toArray(String[]::new);
        jdbc.query(
                "select identity from sessions where nonce = any(?)",
                row -> {
                    try {
                        Identity identity = StoredIdentityJson.read(row.getString(1));
                        found.put(identity.nonce(), identity);
                    } catch (IllegalArgumentException unreadable) {
                        LOG.warn("An identity is left out: {}", unreadable.getMessage());
                    }
                },
                (Object) wanted);
        return found;
    }

    private void insert(List<Entry> rows, Map<IdentityNonce, Identity> identities) {
        if (rows.isEmpty()) {
            return;
        }
        ParameterizedPreparedStatementSetter<Entry> setter = (statement, entry) -> {
            switch (entry) {
                case Entry.Whole(Decided decided) -> bind(statement, decided, null, tree(decided, identities));
                case Entry.Again(Decided decided, String first) -> bind(statement, decided, first, null);
                case Entry.Repeats count -> throw new IllegalStateException("no row: " + count);
            }
        };
        jdbc.batchUpdate("insert into decisions (" + WITHOUT_TREE + """
                , tree) values (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb))
                on conflict (id) do nothing""", rows, rows.size(), setter);
    }

    private static String tree(Decided decided, Map<IdentityNonce, Identity> identities) {
        Identity identity = decided.nonce() == null ? null : identities.get(decided.nonce());
        ObjectNode tree = ExplanationJson.write(decided.application().policy().explain(decided.asked(), identity));
        return JSON.writeValueAsString(tree);
    }

    private static void bind(PreparedStatement row, Decided each, @Nullable String sameAs, @Nullable String tree)
            throws SQLException {
        PolicyId policy = each.decision().reason().policy();
        ServiceIdentity service = each.asked().service();
        Subject subject = each.asked().subject();
        row.setString(1, each.ray());
        row.setObject(2, OffsetDateTime.ofInstant(each.at(), ZoneOffset.UTC));
        row.setString(3, sameAs);
        row.setLong(4, each.version());
        row.setObject(5, each.application().id().value());
        row.setString(6, each.application().name());
        row.setString(7, each.application().domain());
        row.setString(8, each.outcome().name().toLowerCase(Locale.ROOT));
        row.setString(9, each.reason());
        row.setObject(10, policy == null ? null : policy.value());
        row.setString(11, each.decision().reason().policyName());
        row.setString(12, each.session());
        row.setString(13, each.place().name().toLowerCase(Locale.ROOT));
        row.setString(14, each.method());
        row.setString(15, each.host());
        row.setString(16, each.path());
        row.setObject(17, each.user() == null ? null : each.user().value());
        row.setString(
                18, subject instanceof Subject.Person person ? person.email().value() : null);
        row.setObject(19, service == null ? null : service.id().value());
        row.setString(20, service == null ? null : service.clientId());
        row.setString(21, service == null ? null : service.name());
        row.setString(22, each.asked().client().getHostAddress());
        row.setString(23, each.asked().country());
        row.setString(24, each.nonce() == null ? null : each.nonce().value());
        row.setString(25, facts(subject));
        CertificateIdentity certificate = each.asked().certificate();
        row.setString(26, certificate == null ? null : certificate.commonName());
        row.setString(27, certificate == null ? null : certificate.thumbprint());
        row.setString(28, tree);
    }

    private static @Nullable String facts(Subject subject) {
        return subject instanceof Subject.Person person && person.facts() instanceof FactSet.Captured captured
                ? captured.encode()
                : null;
    }

    /** One decision with its tree, also when an equal one keeps it. */
    public Optional<DecisionRecord> find(String id) {
        return queries.sql("select " + WITHOUT_TREE + """
                , coalesce(d.tree, (select first.tree from decisions first where first.id = d.same_as)) as tree
                from decisions d where id = ?""")
                .param(id)
                .query((row, number) -> read(row, true))
                .optional();
    }

    /** A page, newest first; equal ones count once. */
    public List<DecisionRecord> find(Filter filter, int limit, long offset) {
        Where where = where(filter);
        return queries.sql("select " + WITHOUT_TREE + " from decisions" + where.sql()
                        + " order by at desc, seq desc limit ? offset ?")
                .params(where.params())
                .param(limit)
                .param(offset)
                .query((row, number) -> read(row, false))
                .list();
    }

    /** How many there are; equal ones count once. Counting stops at a bound, because every list is counted and the table is long. */
    public Total count(Filter filter) {
        Where where = where(filter);
        // By time alone an index has exactly this order, and with it as many entries are read as are counted. By a name
        // it would
        // lead through the entries of all others, so there the planner is left to choose.
        String order = filter.email() == null && filter.application() == null ? " order by at desc, seq desc" : "";
        long found = queries.sql(
                        "select count(*) from (select 1 from decisions" + where.sql() + order + " limit ?) fitting")
                .params(where.params())
                .param(COUNTED + 1)
                .query(Long.class)
                .single();
        return new Total(Math.min(found, COUNTED), found > COUNTED);
    }

    /** Hands over the newest decisions without their trees, one by one, so that they need not fit into memory twice. */
    public void newest(Filter filter, int limit, Consumer<DecisionRecord> taker) {
        Where where = where(filter);
        List<Object> params = new ArrayList<>(where.params());
        params.add(limit);
        jdbc.query(
                "select " + WITHOUT_TREE + " from decisions" + where.sql() + " order by at desc, seq desc limit ?",
                row -> {
                    taker.accept(read(row, false));
                },
                params.toArray());
    }

    private record Where(String sql, List<Object> params) {}

    private static Where where(Filter filter) {
        List<String> conditions = new ArrayList<>(List.of("same_as is null"));
        List<Object> params = new ArrayList<>();
        if (filter.since() != null) {
            conditions.add("at >= ?");
            params.add(OffsetDateTime.ofInstant(filter.since(), ZoneOffset.UTC));
        }
        if (filter.until() != null) {
            conditions.add("at <= ?");
            params.add(OffsetDateTime.ofInstant(filter.until(), ZoneOffset.UTC));
        }
        if (filter.email() != null) {
            conditions.add("email = ?");
            params.add(filter.email());
        }
        if (filter.application() != null) {
            addApplication(filter.application(), conditions, params);
        }
        if (filter.outcome() != null) {
            conditions.add("outcome = ?");
            params.add(filter.outcome());
        }
        return new Where(" where " + String.join(" and ", conditions), params);
    }

    private static void addApplication(String application, List<String> conditions, List<Object> params) {
        try {
            params.add(AppId.of(application).value());
            conditions.add("app_id = ?");
        } catch (IllegalArgumentException noId) {
            conditions.add("? in (app_name, app_domain, host)");
            params.add(application);
        }
    }

    private static DecisionRecord read(ResultSet row, boolean withTree) throws SQLException {
        UUID policy = row.getObject("policy_id", UUID.class);
        UUID user = row.getObject("user_id", UUID.class);
        UUID service = row.getObject("service_id", UUID.class);
        String nonce = row.getString("nonce");
        String certificate = row.getString("certificate_name");
        String tree = withTree ? row.getString("tree") : null;
        return new DecisionRecord(
                row.getString("id"),
                row.getTimestamp("at").toInstant(),
                row.getString("same_as"),
                row.getInt("repeats"),
                row.getLong("version"),
                new AppId(row.getObject("app_id", UUID.class)),
                row.getString("app_name"),
                row.getString("app_domain"),
                row.getString("outcome"),
                row.getString("reason"),
                policy == null ? null : new PolicyId(policy),
                row.getString("policy_name"),
                row.getString("session"),
                row.getString("place"),
                row.getString("method"),
                row.getString("host"),
                row.getString("path"),
                user == null ? null : new UserId(user),
                row.getString("email"),
                service == null
                        ? null
                        : new ServiceIdentity(
                                new ServiceTokenId(service), row.getString("client_id"), row.getString("service_name")),
                certificate == null
                        ? null
                        : CertificateIdentity.recorded(certificate, row.getString("certificate_thumbprint")),
                row.getString("client"),
                row.getString("country"),
                nonce == null ? null : new IdentityNonce(nonce),
                row.getString("facts"),
                tree == null ? null : JSON.readTree(tree));
    }
}
