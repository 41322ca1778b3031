package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.control.Concerns.Need;
import io.sallyport.testkit.TestServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;

/**
 * AD-02, generated from the running server's own handler mappings, so that a new route cannot be forgotten: every operation, with
 * every kind of token. Bodies are no JSON objects, so that whoever is let in is then refused by name and nothing changes.
 */
class PermissionMatrixIT {
    private static final String FOREIGN = "0123456789abcdef0123456789abcdef";

    /** Paths and what they concern, written by hand: what the annotations are held against. A method's own row counts before the longest prefix. */
    private static final Map<String, ResourceKind> WRITTEN = Map.ofEntries(
            Map.entry("/user", ResourceKind.ACCOUNT),
            Map.entry("/memberships", ResourceKind.ACCOUNT),
            Map.entry("/openapi.json", ResourceKind.ACCOUNT),
            Map.entry("/accounts", ResourceKind.ACCOUNT),
            Map.entry("/accounts/{account}", ResourceKind.ACCOUNT),
            Map.entry("/zones", ResourceKind.ACCOUNT),
            Map.entry("/zones/{zone}", ResourceKind.ACCOUNT),
            Map.entry("POST /zones", ResourceKind.DNS),
            Map.entry("PATCH /zones/{zone}", ResourceKind.DNS),
            Map.entry("DELETE /zones/{zone}", ResourceKind.DNS),
            Map.entry("{scope}/access/apps", ResourceKind.APPLICATIONS),
            Map.entry("{scope}/access/bookmarks", ResourceKind.APPLICATIONS),
            Map.entry("{scope}/access/policies", ResourceKind.POLICIES),
            Map.entry("{scope}/access/policy-tests", ResourceKind.POLICIES),
            Map.entry("{scope}/access/groups", ResourceKind.GROUPS),
            Map.entry("{scope}/access/identity_providers", ResourceKind.IDENTITY_PROVIDERS),
            Map.entry("{scope}/access/saml_certificates", ResourceKind.IDENTITY_PROVIDERS),
            Map.entry("{scope}/access/service_tokens", ResourceKind.SERVICE_TOKENS),
            Map.entry("{scope}/sallyport/workload_issuers", ResourceKind.SERVICE_TOKENS),
            Map.entry("{scope}/access/certificates", ResourceKind.CERTIFICATES),
            Map.entry("{scope}/access/keys", ResourceKind.KEYS),
            Map.entry("{scope}/access/users", ResourceKind.USERS),
            Map.entry("{scope}/access/seats", ResourceKind.USERS),
            Map.entry("{scope}/access/organizations", ResourceKind.ORGANIZATION),
            Map.entry("{scope}/access/organizations/revoke_user", ResourceKind.USERS),
            Map.entry("{scope}/access/tags", ResourceKind.TAGS),
            Map.entry("{scope}/access/custom_pages", ResourceKind.CUSTOM_PAGES),
            Map.entry("{scope}/access/logs", ResourceKind.LOGS),
            Map.entry("{scope}/gateway/lists", ResourceKind.LISTS),
            Map.entry("{scope}/sallyport/origins", ResourceKind.ORIGINS),
            Map.entry("{scope}/sallyport/hostnames", ResourceKind.ORIGINS),
            Map.entry("{scope}/sallyport/tokens", ResourceKind.API_TOKENS),
            Map.entry("{scope}/sallyport/audit", ResourceKind.AUDIT),
            Map.entry("{scope}/sallyport/decisions", ResourceKind.LOGS),
            Map.entry("{scope}/sallyport/replay", ResourceKind.POLICIES),
            Map.entry("{scope}/sallyport/lint", ResourceKind.POLICIES),
            Map.entry("{scope}/sallyport/doctor", ResourceKind.ACCOUNT),
            Map.entry("{scope}/sallyport/doctor/identity_providers", ResourceKind.IDENTITY_PROVIDERS),
            Map.entry("{scope}/sallyport/apply", ResourceKind.CONFIGURATION),
            Map.entry("{scope}/sallyport/export", ResourceKind.CONFIGURATION),
            Map.entry("{scope}/sallyport/diff", ResourceKind.CONFIGURATION),
            Map.entry("{scope}/sallyport/schema.json", ResourceKind.CONFIGURATION),
            Map.entry("{scope}/sallyport/tunnels", ResourceKind.TUNNELS),
            Map.entry("{scope}/cfd_tunnel", ResourceKind.TUNNELS),
            Map.entry("{scope}/tunnels", ResourceKind.TUNNELS),
            Map.entry("{scope}/cfd_tunnel/{id}/token", ResourceKind.TUNNEL_TOKENS),
            Map.entry("{scope}/cfd_tunnel/{id}/management", ResourceKind.TUNNEL_TOKENS),
            Map.entry("{scope}/sallyport/tunnel_authority", ResourceKind.TUNNELS),
            Map.entry("{scope}/sallyport/tunnel_certificates", ResourceKind.API_TOKENS),
            Map.entry("{scope}/dns_records", ResourceKind.DNS));

    /**
     * What takes other access than its HTTP method says, written by hand. Each is a question that changes nothing and, for who may only
     * read, has nothing fetched: who adds a row has looked at that.
     */
    private static final Map<String, Access> OTHERWISE = Map.of(
            "POST {scope}/sallyport/diff", Access.READ,
            "POST {scope}/sallyport/replay", Access.READ,
            "POST {scope}/access/policy-tests", Access.READ);

    /** Also those that nothing here answers. */
    private static final List<String> WRITING = List.of("POST", "PUT", "PATCH", "DELETE", "QUERY", "MERGE");

    /** One operation of the running server. */
    private record Operation(String method, String pattern, Need need) {
        /** A path that matches, with ids of nothing. */
        String path(String account) {
            return pattern.substring("/client/v4".length())
                    .replace("{account}", account)
                    .replace("{zone}", account)
                    .replaceAll("\\{[^}]+}", "00000000-0000-4000-8000-000000000000");
        }

        @Override
        public String toString() {
            return method + " " + pattern;
        }
    }

    /** A token and what it may do. */
    private record Caller(String name, String token, Permissions permissions) {}

    private static final List<Operation> OPERATIONS = new ArrayList<>();
    private static final List<Caller> ROLES = new ArrayList<>();
    private static final Map<ResourceKind, List<Caller>> SCOPED = new EnumMap<>(ResourceKind.class);

    @BeforeAll
    static void collect() {
        Api.server()
                .context()
                .getBean(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((mapping, handler) -> mapping.getPatternsCondition().getPatterns().stream()
                        .filter(pattern -> pattern.getPatternString().startsWith("/client/v4"))
                        .forEach(pattern -> mapping.getMethodsCondition().getMethods().stream()
                                .map(RequestMethod::name)
                                .forEach(method -> OPERATIONS.add(new Operation(
                                        method, pattern.getPatternString(), Need.of(handler.getMethod(), method))))));
        OPERATIONS.sort(Comparator.comparing(Operation::toString));
        for (AdminRole role : AdminRole.values()) {
            ROLES.add(caller(role, null));
        }
        for (ResourceKind kind : ResourceKind.values()) {
            Map<ResourceKind, Access> others = new EnumMap<>(ResourceKind.class);
            Arrays.stream(ResourceKind.values())
                    .filter(other -> other != kind)
                    .forEach(other -> others.put(other, Access.WRITE));
            SCOPED.put(
                    kind,
                    List.of(
                            caller(AdminRole.OWNER, Map.of(kind, Access.READ)),
                            caller(AdminRole.OWNER, Map.of(kind, Access.WRITE)),
                            caller(AdminRole.AUDITOR, Map.of(kind, Access.WRITE)),
                            caller(AdminRole.OWNER, others)));
        }
    }

    private static Caller caller(AdminRole role, Map<ResourceKind, Access> scopes) {
        Permissions permissions = new Permissions(role, scopes);
        String token = Api.create("/sallyport/tokens", """
                        {"name": "matrix", "role": "%s", "scopes": %s}""".formatted(role.word(), permissions.scopesJson()))
                .result()
                .path("token")
                .asString();
        return new Caller(role.word() + " " + permissions.scopesJson(), token, permissions);
    }

    @Test
    @DisplayName("AD-02: every operation is in the written table, and its annotation says the same")
    void everyOperationIsWrittenDown() {
        Map<String, String> wrong = new TreeMap<>();
        for (Operation operation : OPERATIONS) {
            String path = operation.pattern().substring("/client/v4".length());
            ResourceKind written = written(operation.method(), path);
            if (operation.need() == null || operation.need().kind() != written) {
                wrong.put(operation.toString(), "table: " + written + ", handler: " + operation.need());
            }
        }
        assertThat(OPERATIONS).hasSizeGreaterThan(120);
        assertThat(wrong).isEmpty();
    }

    @Test
    @DisplayName("AD-02: whatever is not a GET takes writing, but for the few questions that are written down")
    void whatIsNoGetTakesWriting() {
        Map<String, Access> otherwise = new TreeMap<>();
        for (Operation operation : OPERATIONS) {
            if (operation.need().access() != Access.neededFor(operation.method())) {
                String path = operation.pattern().substring("/client/v4".length());
                otherwise.put(
                        operation.method() + " " + scoped(path),
                        operation.need().access());
            }
        }
        assertThat(otherwise).isEqualTo(OTHERWISE);
    }

    @Test
    @DisplayName(
            "AD-02: by no method, real or made up or said in a header, does a token that only reads change anything")
    void whoOnlyReadsChangesNothingByAnyMethod() {
        Api.Answer made = Api.create("/sallyport/tokens", "{\"name\": \"only reads\", \"role\": \"auditor\"}");
        String bearer = "Bearer " + made.result().path("token").asString();
        List<String> wrong = new ArrayList<>();
        Set<String> declared = new TreeSet<>();
        Set<String> paths = new TreeSet<>();
        for (Operation operation : OPERATIONS) {
            declared.add(operation.method() + " " + operation.pattern());
            paths.add(operation.pattern());
        }
        for (String pattern : paths) {
            for (String method : WRITING) {
                Operation operation = new Operation(method, pattern, new Need(ResourceKind.ACCOUNT, Access.WRITE));
                int status = Api.send(method, operation.path(Api.account()), "{}", "Authorization", bearer)
                        .status();
                boolean question =
                        OTHERWISE.containsKey(method + " " + scoped(pattern.substring("/client/v4".length())));
                boolean refused = declared.contains(operation.toString())
                        ? status == 403 || status == 404
                        : List.of(400, 403, 404, 405, 501).contains(status);
                boolean right = refused || (question && (status == 200 || status == 400));
                if (!right) {
                    wrong.add(operation + " answered " + status);
                }
            }
            Operation read = new Operation("GET", pattern, new Need(ResourceKind.ACCOUNT, Access.READ));
            Api.send(
                    "GET",
                    read.path(Api.account()) + "?_method=DELETE",
                    null,
                    "Authorization",
                    bearer,
                    "X-HTTP-Method-Override",
                    "DELETE",
                    "X-HTTP-Method",
                    "DELETE",
                    "X-Method-Override",
                    "DELETE");
        }
        assertThat(wrong).isEmpty();
        assertThat(Api.jdbc()
                        .sql("select count(*) from audit_log where actor like ?")
                        .param("%" + made.id() + "%")
                        .query(Long.class)
                        .single())
                .as("changes under its name in the trail")
                .isZero();
    }

    private static ResourceKind written(String method, String path) {
        ResourceKind own = WRITTEN.get(method + " " + path);
        if (own != null) {
            return own;
        }
        String scoped = scoped(path);
        return WRITTEN.entrySet().stream()
                .filter(row -> scoped.equals(row.getKey()) || scoped.startsWith(row.getKey() + "/"))
                .max(Comparator.comparing(row -> row.getKey().length()))
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    /** The same below the account and below its zone. */
    private static String scoped(String path) {
        return path.replaceFirst("^/(accounts/\\{account}|zones/\\{zone})(?=/.)", "{scope}");
    }

    @Test
    @DisplayName("AD-02: every operation × every role, and tokens with its scope alone or every scope but its own")
    void everyOperationAnswersEveryTokenAsWritten() {
        List<String> wrong = new ArrayList<>();
        for (Operation operation : OPERATIONS) {
            List<Caller> callers = new ArrayList<>(ROLES);
            callers.addAll(SCOPED.get(operation.need().kind()));
            for (Caller caller : callers) {
                Api.Answer answer = call(operation, Api.account(), "Authorization", "Bearer " + caller.token());
                Access mine = caller.permissions().access(operation.need().kind());
                boolean seesTheRest = operation.need().also().stream()
                        .noneMatch(kind -> caller.permissions().access(kind) == Access.NONE);
                String expected = mine == Access.NONE || !seesTheRest
                        ? "absent"
                        : mine.holds(operation.need().access()) ? "let in" : "forbidden";
                if (!expected.equals(outcome(answer))) {
                    wrong.add("%s as %s: %s, not %s (%d %s)"
                            .formatted(
                                    operation,
                                    caller.name(),
                                    outcome(answer),
                                    expected,
                                    answer.status(),
                                    answer.envelope()));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    @DisplayName("AD-02, AD-10: no, a wrong, an expired and a revoked token get 401 everywhere, a foreign account 404")
    void strangersGetNothingAnywhere() {
        Api.Answer ended = Api.create("/sallyport/tokens", """
                {"name": "ends", "role": "owner", "expires_at": "2999-01-01T00:00:00Z"}""");
        Api.jdbc()
                .sql("update admin_tokens set expires_at = '2001-01-01' where id = cast(? as uuid)")
                .param(ended.id())
                .update();
        Api.Answer revoked = Api.create("/sallyport/tokens", "{\"name\": \"revoked\", \"role\": \"owner\"}");
        Api.must("POST", "/sallyport/tokens/" + revoked.id() + "/revoke", null);
        for (Operation operation : OPERATIONS) {
            for (String token : List.of(
                    "",
                    "sallyport_wrong",
                    ended.result().path("token").asString(),
                    revoked.result().path("token").asString())) {
                assertThat(call(operation, Api.account(), "Authorization", "Bearer " + token)
                                .status())
                        .as(operation + " with token '" + token + "'")
                        .isEqualTo(401);
            }
            if (operation.pattern().contains("{account}") || operation.pattern().contains("{zone}")) {
                Api.Answer foreign = call(operation, FOREIGN, "Authorization", "Bearer " + TestServer.ADMIN_TOKEN);
                assertThat(outcome(foreign)).as(operation.toString()).isEqualTo("absent");
            }
        }
    }

    private static Api.Answer call(Operation operation, String account, String... headers) {
        String body = operation.method().equals("GET") ? null : "[]";
        return Api.send(operation.method(), operation.path(account), body, headers);
    }

    private static String outcome(Api.Answer answer) {
        int code = answer.error().path("code").asInt();
        return switch (answer.status()) {
            case 401 -> "unknown";
            case 403 -> code == 10000 ? "forbidden" : "let in";
            case 404 -> code == 7003 ? "absent" : "let in";
            default -> "let in";
        };
    }
}
