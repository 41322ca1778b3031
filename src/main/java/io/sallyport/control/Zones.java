package io.sallyport.control;

import io.sallyport.catalog.AccountRow;
import io.sallyport.http.HostName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Zones. One stands for all domains, since host names are the applications' business here: whoever looks a
 * zone up by the name of a domain finds that one, under the name asked for. Whoever wants to give names of records relative to a
 * domain creates a zone of it, and then finds that. Deleting it leaves its records, which have whole names.
 */
final class Zones {
    private static final String KIND = "zone";
    private static final int MOST = 1000;
    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** What the server alone says, and the name, which stays as it was made. */
    static final Set<String> COMPUTED = Set.of(
            "id",
            "name",
            "account",
            "status",
            "name_servers",
            "created_on",
            "modified_on",
            "development_mode",
            "meta",
            "owner",
            "plan",
            "permissions");

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final AccountScope scope;
    private final OrganizationChanges organization;
    private final AdminAudit audit;
    private final InstantSource clock;

    Zones(
            Transactions transactions,
            JdbcClient jdbc,
            AccountScope scope,
            OrganizationChanges organization,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.scope = scope;
        this.organization = organization;
        this.audit = audit;
        this.clock = clock;
    }

    /** Those of a single domain. */
    List<ObjectNode> ofDomains() {
        return transactions.read(() ->
                jdbc.sql("select * from zones order by name").query(this::view).list());
    }

    /** In which zone a whole name can be written: that of all domains, unless it is a domain of one label. */
    ZoneDomain writing(String name) {
        boolean known = name.indexOf('.') < 0
                && jdbc.sql("select exists (select from zones where name = lower(:name))")
                        .param("name", name)
                        .query(Boolean.class)
                        .single();
        return known ? new ZoneDomain(Optional.of(name.toLowerCase(Locale.ROOT))) : ZoneDomain.ALL;
    }

    /** Filters {@code name}, {@code search}, {@code account.id} and {@code status}; the zone of all domains comes first. */
    Paged<ObjectNode> list(Query query) {
        boolean isOurs =
                query.text("account.id").map(scope.account().id()::equals).orElse(true)
                        && query.text("status").map("active"::equals).orElse(true);
        return transactions.read(
                () -> Paged.cut(query.paging(), isOurs ? named(query.text("name"), query.text("search")) : List.of()));
    }

    private List<ObjectNode> named(Optional<String> name, Optional<String> search) {
        List<ObjectNode> own = jdbc.sql("""
                        select * from zones where (cast(:name as text) is null or name = :name)
                            and (cast(:search as text) is null or position(lower(:search) in name) > 0) order by created_at, id""")
                .param("name", name.orElse(null))
                .param("search", search.orElse(null))
                .query(this::view)
                .list();
        if (search.isPresent()) {
            return own;
        }
        if (name.isPresent() && (!own.isEmpty() || !isDomain(name.get()))) {
            return own;
        }
        List<ObjectNode> all = new ArrayList<>(own);
        ObjectNode whole = ofAllDomains();
        name.ifPresent(asked -> whole.put("name", asked));
        all.addFirst(whole);
        return all;
    }

    private static boolean isDomain(String text) {
        return HostName.parse(text).filter(host -> host.toString().equals(text)).isPresent();
    }

    ObjectNode get(String id) {
        return scope.domain(id).name().isEmpty() ? ofAllDomains() : transactions.read(() -> find(id));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        String name = domain(fields);
        fields.object("account").flatMap(account -> account.line("id", 100)).ifPresent(account -> {
            if (!account.equals(scope.account().id())) {
                throw ApiProblem.invalid("/account/id", "names no account");
            }
        });
        ObjectNode body = body(fields);
        return transactions.write(() -> {
            if (jdbc.sql("select count(*) from zones").query(Integer.class).single() >= MOST) {
                throw fields.invalid("name", "is one too many: there are " + MOST + " zones already, the limit");
            }
            String id = Ids.compact(UUID.randomUUID());
            int made = jdbc.sql("""
                            insert into zones (id, name, body, created_at, updated_at)
                            values (:id, :name, cast(:body as jsonb), :now, :now) on conflict (name) do nothing""")
                    .param("id", id)
                    .param("name", name)
                    .param("body", body.toString())
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            if (made == 0) {
                throw ApiProblem.conflict("/name " + name + " has a zone already");
            }
            ObjectNode after = find(id);
            audit.record(call, "create", KIND, id, null, after);
            return after;
        });
    }

    /** What is absent stays; a zone's domain is what it is. */
    ObjectNode merge(AdminCall call, String id, Fields fields) {
        return change(call, id, "body || cast(:body as jsonb)", fields);
    }

    /** What is absent goes; a zone's domain is what it is. */
    ObjectNode replace(AdminCall call, String id, Fields fields) {
        return change(call, id, "cast(:body as jsonb)", fields);
    }

    private ObjectNode change(AdminCall call, String id, String becomes, Fields fields) {
        ObjectNode body = body(fields);
        return transactions.write(() -> {
            ObjectNode before = ownOrRefuse(id);
            call.requireMatch(before);
            jdbc.sql("update zones set body = " + becomes + ", updated_at = :now where id = :id")
                    .param("id", id)
                    .param("body", body.toString())
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            ObjectNode after = find(id);
            audit.record(call, "replace", KIND, id, before, after);
            return after;
        });
    }

    void delete(AdminCall call, String id) {
        transactions.write(() -> {
            ObjectNode before = ownOrRefuse(id);
            call.requireMatch(before);
            jdbc.sql("delete from zones where id = :id").param("id", id).update();
            audit.record(call, "delete", KIND, id, before, null);
            return before;
        });
    }

    private static String domain(Fields fields) {
        String name = fields.requiredLine("name", 253);
        return HostName.parse(name)
                .filter(host -> !host.isAddress())
                .map(HostName::value)
                .orElseThrow(() -> fields.invalid("name", "must be a domain such as example.com"));
    }

    private static ObjectNode body(Fields fields) {
        fields.oneOf("type", Set.of("full", "partial", "secondary", "internal"));
        fields.flag("paused");
        fields.lines("vanity_name_servers", 20, 253);
        return fields.keptExcept(COMPUTED);
    }

    private ObjectNode ownOrRefuse(String id) {
        if (scope.domain(id).name().isEmpty()) {
            throw ApiProblem.conflict("this zone stands for all domains; it neither changes nor goes");
        }
        return find(id);
    }

    private ObjectNode find(String id) {
        return jdbc.sql("select * from zones where id = :id")
                .param("id", id)
                .query(this::view)
                .optional()
                .orElseThrow(ApiProblem::noRoute);
    }

    private ObjectNode view(ResultSet row, int number) throws SQLException {
        ObjectNode view = head(row.getString("id"), row.getString("name"));
        ((ObjectNode) MAPPER.readTree(row.getString("body")))
                .properties()
                .forEach(member -> view.set(member.getKey(), member.getValue()));
        view.set("created_on", ApiTimes.node(row.getTimestamp("created_at").toInstant()));
        view.set("modified_on", ApiTimes.node(row.getTimestamp("updated_at").toInstant()));
        return view;
    }

    private ObjectNode ofAllDomains() {
        AccountRow account = scope.account();
        ObjectNode view =
                head(account.zoneId(), organization.get().get("auth_domain").stringValue());
        view.set("created_on", ApiTimes.node(account.createdAt()));
        view.set("modified_on", ApiTimes.node(account.createdAt()));
        return view;
    }

    private ObjectNode head(String id, String name) {
        AccountRow account = scope.account();
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("name", name)
                .put("status", "active")
                .put("type", "full")
                .put("paused", false);
        view.putObject("account").put("id", account.id()).put("name", account.name());
        view.putObject("owner")
                .put("id", account.id())
                .put("name", account.name())
                .put("type", "organization");
        view.putArray("name_servers");
        view.put("development_mode", 0); // clients that check types have these three in every zone
        view.putObject("meta");
        view.putObject("plan");
        return view;
    }
}
