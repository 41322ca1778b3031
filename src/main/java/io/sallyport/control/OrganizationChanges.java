package io.sallyport.control;

import io.sallyport.catalog.OrganizationRepository;
import io.sallyport.catalog.OrganizationRow;
import io.sallyport.http.HostName;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes the organisation. There is always exactly one, so creating it means naming it. */
final class OrganizationChanges {
    private static final String KIND = "organization";
    private static final Pattern COLOUR = Pattern.compile("#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})");
    private static final Duration SHORTEST_SESSION = Duration.ofMinutes(15);
    private static final Duration SHORTEST_SEAT = Duration.ofHours(730);

    private static final List<String> PAGES = List.of("forbidden", "identity_denied");
    private static final List<String> FLAGS = List.of(
            "auto_redirect_to_identity",
            "is_ui_read_only",
            "deny_unmatched_requests",
            "strict_service_token_auth",
            "mfa_required_for_all_apps",
            "allow_authenticate_via_warp",
            "warp_auth_non_browser_401");

    private static final Set<String> NOT_IN_BODY =
            Set.of("id", "uid", "created_at", "updated_at", "name", "auth_domain");

    private final Transactions transactions;
    private final OrganizationRepository organizations;
    private final References references;
    private final ReservedHosts reserved;
    private final AdminAudit audit;
    private final InstantSource clock;

    OrganizationChanges(
            Transactions transactions,
            OrganizationRepository organizations,
            References references,
            ReservedHosts reserved,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.organizations = organizations;
        this.references = references;
        this.reserved = reserved;
        this.audit = audit;
        this.clock = clock;
    }

    ObjectNode get() {
        return transactions.read(() -> view(organizations.get()));
    }

    /**
     * Merges: absent members keep their value, null resets to the default. The team domain cannot be changed by
     * this.
     */
    ObjectNode merge(AdminCall call, Fields fields) {
        return merge(call, fields, false);
    }

    /**
     * The same, but the team domain may change too, and with it the issuer of every token and the redirect URI of every
     * provider.
     */
    ObjectNode mergeAndMove(AdminCall call, Fields fields) {
        return merge(call, fields, true);
    }

    private ObjectNode merge(AdminCall call, Fields fields, boolean mayMove) {
        check(fields);
        Optional<String> name = fields.line("name", Limits.NAME);
        Optional<HostName> domain = fields.line("auth_domain", 253)
                .map(text ->
                        HostName.parse(text).orElseThrow(() -> fields.invalid("auth_domain", "must be a host name")));
        return transactions.write(() -> {
            OrganizationRow row = organizations.get();
            ObjectNode before = view(row);
            call.requireMatch(before);
            String authDomain = domain.map(HostName::value).orElse(row.authDomain());
            if (!authDomain.equals(row.authDomain())) {
                requireMove(fields, authDomain, mayMove);
            }
            requirePages(fields);
            row.change(name.orElse(row.name()), authDomain, merged(row.body(), fields), clock.instant());
            ObjectNode after = view(row);
            audit.record(call, "replace", KIND, "organization", before, after);
            return after;
        });
    }

    private void requireMove(Fields fields, String authDomain, boolean mayMove) {
        if (reserved.isConsole(authDomain)) {
            throw fields.invalid("auth_domain", "is the console's host");
        }
        if (!mayMove) {
            throw ApiProblem.conflict("/auth_domain changes the issuer of every token and the redirect URI of every"
                    + " identity provider; add ?change_auth_domain=true if that is meant");
        }
    }

    private void requirePages(Fields fields) {
        fields.object("custom_pages")
                .ifPresent(chosen -> PAGES.forEach(page -> chosen.text(page, 100)
                        .filter(id -> !id.isEmpty())
                        .ifPresent(id -> references.requireCustomPage(
                                Ids.parse(id)
                                        .orElseThrow(() -> chosen.invalid(page, "must be the id of a custom page")),
                                "/custom_pages/" + page))));
    }

    /** Removes a custom page from the organisation's settings. Part of a write. */
    void forgetPage(AdminCall call, UUID page) {
        OrganizationRow row = organizations.get();
        if (!(row.body().get("custom_pages") instanceof ObjectNode chosen)
                || chosen.values().stream().noneMatch(each -> Ids.names(each, page))) {
            return;
        }
        ObjectNode before = view(row);
        ObjectNode body = (ObjectNode) row.body().deepCopy();
        ObjectNode left = chosen.deepCopy();
        left.removeIf(each -> Ids.names(each, page));
        if (left.isEmpty()) {
            body.remove("custom_pages");
        } else {
            body.set("custom_pages", left);
        }
        row.change(row.name(), row.authDomain(), body, clock.instant());
        audit.record(call, "replace", KIND, "organization", before, view(row));
    }

    private static ObjectNode merged(JsonNode present, Fields fields) {
        ObjectNode body = ((ObjectNode) present).deepCopy();
        for (var member : fields.json().properties()) {
            if (NOT_IN_BODY.contains(member.getKey())) {
                continue;
            }
            if (fields.has(member.getKey())) {
                body.set(member.getKey(), member.getValue());
            } else {
                body.remove(member.getKey());
            }
        }
        return body;
    }

    private static void check(Fields fields) {
        FLAGS.forEach(fields::flag);
        fields.object("login_design").ifPresent(OrganizationChanges::checkDesign);
        fields.duration("session_duration", SHORTEST_SESSION, Limits.LONGEST_SESSION);
        fields.duration("warp_auth_session_duration", Duration.ZERO, Limits.LONGEST_SESSION);
        fields.duration("user_seat_expiration_inactive_time", SHORTEST_SEAT, Duration.ofDays(36_500));
        fields.line("ui_read_only_toggle_reason", Limits.MESSAGE);
        fields.object("custom_pages").ifPresent(pages -> PAGES.forEach(page -> pages.text(page, 100)));
        fields.lines("deny_unmatched_requests_exempted_zone_names", Limits.ENTRIES, 253);
        fields.object("service_token_inactivity").ifPresent(inactivity -> {
            inactivity.flag("enabled");
            inactivity.oneOf("action", Set.of("disable", "delete"));
            inactivity.integer("inactivity_threshold_days", 30, 365);
        });
        fields.object("mfa_config").ifPresent(MfaConfig::check);
        MfaConfig.refuseForAll(fields);
        fields.object("mfa_piv_key_requirements");
    }

    private static void checkDesign(Fields design) {
        for (String colour : List.of("background_color", "text_color")) {
            if (design.text(colour, 20)
                    .filter(text -> !COLOUR.matcher(text).matches())
                    .isPresent()) {
                throw design.invalid(colour, "must be a colour such as #1a2b3c");
            }
        }
        design.webAddress("logo_path");
        design.line("header_text", 1000);
        design.line("footer_text", 1000);
    }

    private static ObjectNode view(OrganizationRow row) {
        ObjectNode view =
                JsonNodeFactory.instance.objectNode().put("name", row.name()).put("auth_domain", row.authDomain());
        row.body().properties().forEach(member -> view.set(member.getKey(), member.getValue()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
