package io.sallyport.control;

import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.CustomPageRepository;
import io.sallyport.catalog.GroupRepository;
import io.sallyport.catalog.GroupRow;
import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.ListRepository;
import io.sallyport.catalog.ListRow;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.ServiceTokenRepository;
import io.sallyport.identity.GroupId;
import io.sallyport.policy.Selector;
import io.sallyport.policy.json.SelectorJson;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * Referential integrity of the configuration: an id in a rule must exist when the rule is written, groups must not form
 * a cycle, and a referenced object cannot be deleted. Called inside a write, whose lock keeps the results valid until
 * it commits.
 */
final class References {
    private static final List<String> RULES = List.of("include", "exclude", "require");

    private final ApplicationRepository applications;
    private final PolicyRepository policies;
    private final GroupRepository groups;
    private final ListRepository lists;
    private final IdentityProviderRepository idps;
    private final ServiceTokenRepository serviceTokens;
    private final CustomPageRepository pages;
    private final JdbcClient jdbc;

    References(
            ApplicationRepository applications,
            PolicyRepository policies,
            GroupRepository groups,
            ListRepository lists,
            IdentityProviderRepository idps,
            ServiceTokenRepository serviceTokens,
            CustomPageRepository pages,
            JdbcClient jdbc) {
        this.applications = applications;
        this.policies = policies;
        this.groups = groups;
        this.lists = lists;
        this.idps = idps;
        this.serviceTokens = serviceTokens;
        this.pages = pages;
        this.jdbc = jdbc;
    }

    /** Refuses rules that refer to missing objects. */
    void requireKnown(List<Rules.Placed> rules) {
        rules.forEach(this::requireKnown);
    }

    private void requireKnown(Rules.Placed rule) {
        Mention.in(rule.selector()).ifPresent(mention -> {
            UUID id = mention.id();
            String pointer = rule.pointer() + mention.member();
            switch (mention.kind()) {
                case GROUP -> {
                    if (!groups.existsById(id)) {
                        throw ApiProblem.unknownGroup(pointer);
                    }
                }
                case EMAIL_LIST -> requireList(id, "EMAIL", pointer);
                case IP_LIST -> requireList(id, "IP", pointer);
                case SERVICE_TOKEN -> require(serviceTokens.existsById(id), pointer, "service token");
                case WORKLOAD_ISSUER -> require(isWorkloadIssuer(id), pointer, "workload issuer");
                case IDENTITY_PROVIDER -> requireIdp(id, pointer);
            }
        });
    }

    /** Refuses an unknown set of decryption certificates. */
    void requireSamlCertificates(UUID set) {
        boolean known = jdbc.sql("select exists (select 1 from saml_certificates where set_id = :set)")
                .param("set", set)
                .query(Boolean.class)
                .single();
        require(known, "/saml_certificate_set_id", "set of SAML certificates");
    }

    private boolean isWorkloadIssuer(UUID id) {
        return jdbc.sql("select exists (select 1 from workload_issuers where id = :id)")
                .param("id", id)
                .query(Boolean.class)
                .single();
    }

    /** Refuses the id of a provider that does not exist. */
    void requireIdp(UUID idp, String pointer) {
        require(idps.existsById(idp), pointer, "identity provider");
    }

    /** Refuses the id of a custom page that does not exist. */
    void requireCustomPage(UUID page, String pointer) {
        require(pages.existsById(page), pointer, "custom page");
    }

    private void requireList(UUID id, String type, String pointer) {
        Optional<ListRow> list = lists.findById(id);
        require(list.isPresent(), pointer, "list");
        require(list.get().type().equals(type), pointer, "list of type " + type);
    }

    private static void require(boolean known, String pointer, String kind) {
        if (!known) {
            throw ApiProblem.invalid(pointer, "names no " + kind);
        }
    }

    /** Refuses tags that do not exist. */
    void requireTags(List<String> tags) {
        Set<String> known = new HashSet<>(
                jdbc.sql("select name from tags").query(String.class).list());
        for (int i = 0; i < tags.size(); i++) {
            require(known.contains(tags.get(i)), "/tags/" + i, "tag");
        }
    }

    /** Refuses rules of a group that lead back to it (PN-09): a cycle has no truth value. */
    void refuseCircle(UUID group, List<Rules.Placed> rules) {
        for (Rules.Placed rule : rules) {
            if (rule.selector() instanceof Selector.InGroup(GroupId named) && leadsTo(named.value(), group)) {
                throw ApiProblem.invalid(rule.pointer() + "/group/id", "makes the group contain itself");
            }
        }
    }

    private boolean leadsTo(UUID from, UUID target) {
        Set<UUID> seen = new HashSet<>();
        Deque<UUID> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            UUID next = open.pop();
            if (next.equals(target)) {
                return true;
            }
            if (seen.add(next)) {
                groups.findById(next).map(References::groupsIn).ifPresent(open::addAll);
            }
        }
        return false;
    }

    private static Set<UUID> groupsIn(GroupRow row) {
        Set<UUID> named = new HashSet<>();
        for (String list : RULES) {
            row.body()
                    .path(list)
                    .forEach(rule -> Ids.parse(rule.path("group").path("id").asString(""))
                            .ifPresent(named::add));
        }
        return named;
    }

    /**
     * Refuses to delete an object that policies, groups or applications refer to, and names them. Only members that are
     * references count, not an id in a description or in a member that is merely stored.
     */
    void refuseIfNamed(UUID id) {
        List<@Nullable String> referrers = new ArrayList<>();
        policies.findAll(Filters.BY_AGE).stream()
                .filter(row -> rulesName(row.body(), id) || approversAre(row.body(), id))
                .forEach(row -> referrers.add("policy " + row.name() + " (" + row.id() + ")"));
        groups.findAll(Filters.BY_AGE).stream()
                .filter(row -> rulesName(row.body(), id))
                .forEach(row -> referrers.add("group " + row.name() + " (" + row.id() + ")"));
        applications.findAll(Filters.BY_AGE).stream()
                .filter(row -> signsInThrough(row.body(), id))
                .forEach(row -> referrers.add("application " + row.name() + " (" + row.id() + ")"));
        refuse(referrers);
    }

    private static boolean rulesName(JsonNode body, UUID id) {
        return RULES.stream()
                .flatMap(list -> body.path(list).values().stream())
                .map(rule -> SelectorJson.read(rule, ""))
                .anyMatch(selector ->
                        Mention.in(selector).map(Mention::id).filter(id::equals).isPresent());
    }

    private static boolean approversAre(JsonNode policy, UUID list) {
        return policy.path("approval_groups").values().stream()
                .anyMatch(group -> Ids.names(group.path("email_list_uuid"), list));
    }

    private static boolean signsInThrough(JsonNode application, UUID idp) {
        return application.path("allowed_idps").values().stream().anyMatch(allowed -> Ids.names(allowed, idp))
                || Ids.names(application.path("scim_config").path("idp_uid"), idp);
    }

    /** Refuses to delete a policy that applications attach. */
    void refuseIfAttached(UUID policy) {
        refuse(jdbc.sql("""
                        select 'application ' || coalesce(a.name, a.domain, '') || ' (' || a.id || ')'
                        from application_policies p join applications a on a.id = p.app_id
                        where p.policy_id = :id order by a.created_at, a.id limit 20""").param("id", policy).query(String.class).list());
    }

    /** Refuses to delete a tag that applications carry. */
    void refuseIfTagged(String tag) {
        refuse(jdbc.sql("""
                        select 'application ' || coalesce(name, domain, '') || ' (' || id || ')' from applications
                        where jsonb_exists(body -> 'tags', :tag) order by created_at, id limit 20""").param("tag", tag).query(String.class).list());
    }

    private static void refuse(List<@Nullable String> referrers) {
        if (!referrers.isEmpty()) {
            throw ApiProblem.conflict("still used by " + String.join(", ", referrers));
        }
    }
}
