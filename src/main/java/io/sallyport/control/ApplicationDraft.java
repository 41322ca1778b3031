package io.sallyport.control;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An application as a request describes it, validated and normalised. {@link
 * ApplicationCheck} checks what depends on other objects (providers, tags and policies must exist).
 *
 * @param patterns what the application claims for itself, in the admin's order, host in lower case
 * @param body what is kept and returned beside the columns, defaults filled in
 * @param attachments its policies; empty when the request does not mention them, which keeps the stored ones
 */
record ApplicationDraft(
        String type,
        String name,
        @Nullable String domain,
        List<String> patterns,
        List<UUID> allowedIdps,
        List<String> tags,
        List<UUID> customPages,
        ObjectNode body,
        Optional<List<PolicyAttachment>> attachments) {
    static final Set<String> TYPES = Set.of(
            "self_hosted",
            "saas",
            "ssh",
            "vnc",
            "rdp",
            "app_launcher",
            "warp",
            "biso",
            "bookmark",
            "dash_sso",
            "infrastructure",
            "mcp",
            "mcp_portal",
            "proxy_endpoint");

    /** Types that live on public host names. */
    private static final Set<String> SELF_HOSTED_FAMILY = Set.of("self_hosted", "ssh", "vnc", "rdp", "mcp_portal");

    private static final Set<String> WITH_SESSION = Set.of(
            "self_hosted",
            "ssh",
            "vnc",
            "rdp",
            "mcp_portal",
            "saas",
            "dash_sso",
            "app_launcher",
            "warp",
            "mcp",
            "proxy_endpoint");

    private static final Set<String> IN_LAUNCHER = Set.of("self_hosted", "ssh", "vnc", "rdp", "saas", "bookmark");

    /** Placeholder for a secret that is stored and not shown: exactly 34 asterisks. */
    static final String CONCEALED = "*".repeat(34);

    private static final Set<String> SECRETS = Set.of("client_secret", "password", "token");
    private static final Set<String> SAME_SITE = Set.of("none", "lax", "strict");

    /** Members with a column or table of their own, and those only the server writes (AD-04). */
    private static final Set<String> NOT_IN_BODY = Set.of(
            "id",
            "uid",
            "aud",
            "account_id",
            "created_at",
            "updated_at",
            "domain_type",
            "private_address",
            "type",
            "name",
            "domain",
            "policies");

    private static final List<String> FLAGS = List.of(
            "allow_iframe",
            "allow_authenticate_via_warp",
            "app_launcher_visible",
            "eager_redirect_cookie_setting",
            "enable_binding_cookie",
            "http_only_cookie_attribute",
            "path_cookie_attribute",
            "service_auth_401_redirect",
            "skip_app_launcher_login_page",
            "skip_interstitial",
            "sallyport_strict_staleness",
            "use_clientless_isolation_app_launcher_url");

    private static final List<String> LINKS =
            List.of("logo_url", "custom_deny_url", "custom_non_identity_deny_url", "app_launcher_logo_url");

    /** Reads and validates. */
    static ApplicationDraft read(Fields fields) {
        String type = fields.oneOf("type", TYPES).orElseThrow(() -> fields.invalid("type", "is required"));
        boolean selfHosted = SELF_HOSTED_FAMILY.contains(type);
        Optional<DestinationsDraft> destinations =
                selfHosted ? Optional.of(DestinationsDraft.read(fields)) : Optional.empty();
        String domain = destinations
                .map(DestinationsDraft::domain)
                .orElseGet(() -> fields.line("domain", Limits.URL).orElse(null));
        if (type.equals("bookmark")) {
            requireLink(fields);
        }
        String name = fields.line("name", Limits.NAME).orElse(domain == null ? type : domain);
        checkBody(fields);
        List<UUID> allowedIdps = allowedIdps(fields);
        List<String> tags = fields.lines("tags", 100, Limits.NAME).stream()
                .distinct()
                .sorted()
                .toList();
        return new ApplicationDraft(
                type,
                name,
                domain,
                destinations.map(DestinationsDraft::patterns).orElse(List.of()),
                allowedIdps,
                tags,
                fields.uuids("custom_pages", 100),
                body(fields, type, destinations, tags),
                PolicyAttachment.readAll(fields));
    }

    /** Members that are kept as they were sent. */
    private static void checkBody(Fields fields) {
        FLAGS.forEach(fields::flag);
        fields.oneOf("same_site_cookie_attribute", SAME_SITE);
        fields.duration("session_duration", Duration.ZERO, Limits.LONGEST_SESSION);
        fields.text("custom_deny_message", Limits.MESSAGE);
        LINKS.forEach(fields::webAddress);
        checkServiceTokenHeader(fields);
        checkCors(fields);
        checkStoredOnly(fields);
        checkAppPasses(fields);
    }

    private static List<UUID> allowedIdps(Fields fields) {
        List<UUID> allowed = fields.uuids("allowed_idps", Limits.ENTRIES);
        if (fields.isSet("auto_redirect_to_identity") && allowed.size() != 1) {
            throw fields.invalid("auto_redirect_to_identity", "needs exactly one entry in allowed_idps");
        }
        return allowed;
    }

    /** Normalises: defaults where the API always echoes one, nothing where it must stay absent. */
    private static ObjectNode body(
            Fields fields, String type, Optional<DestinationsDraft> destinations, List<String> tags) {
        ObjectNode body = fields.keptExcept(NOT_IN_BODY);
        destinations.ifPresent(d -> d.writeTo(body));
        if (WITH_SESSION.contains(type)) {
            body.putIfAbsent("session_duration", body.stringNode("24h"));
        }
        if (IN_LAUNCHER.contains(type)) {
            body.putIfAbsent("app_launcher_visible", body.booleanNode(true));
        }
        if (destinations.isPresent()) {
            body.putIfAbsent("http_only_cookie_attribute", body.booleanNode(true));
        }
        if (type.equals("app_launcher")) {
            body.putIfAbsent("skip_app_launcher_login_page", body.booleanNode(false));
        }
        body.putIfAbsent("allowed_idps", body.arrayNode());
        var sortedTags = body.putArray("tags");
        tags.forEach(sortedTags::add);
        dropSecrets(body.path("saas_app"));
        concealSecrets(body.path("scim_config").path("authentication"));
        return body;
    }

    /** We do not act as a SaaS identity provider, so its secrets are not stored (AD-05). */
    private static void dropSecrets(JsonNode saas) {
        if (saas instanceof ObjectNode object) {
            object.remove(SECRETS);
        }
    }

    /**
     * We do not provision to SaaS applications either. But Terraform's provider 4 expects {@link #CONCEALED} in place
     * of each secret, and would plan the same change again and again without it; and an application that is written
     * back as it was read still has the members that its scheme requires.
     */
    private static void concealSecrets(JsonNode authentication) {
        if (authentication instanceof ArrayNode several) {
            several.forEach(ApplicationDraft::concealSecrets);
        } else if (authentication instanceof ObjectNode object) {
            for (String secret : SECRETS) {
                if (!object.path(secret).asString("").isEmpty()) {
                    object.put(secret, CONCEALED);
                }
            }
        }
    }

    private static void requireLink(Fields fields) {
        if (fields.line("domain", Limits.URL).isEmpty()) {
            throw fields.invalid("domain", "is required");
        }
        if (fields.json().get("domain").stringValue().contains("://")) {
            fields.webAddress("domain");
        }
    }

    private static void checkServiceTokenHeader(Fields fields) {
        fields.line("read_service_tokens_from_header", 100).ifPresent(header -> {
            if (!header.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
                throw fields.invalid("read_service_tokens_from_header", "must be a header name");
            }
            if (header.equalsIgnoreCase("cookie") || header.equalsIgnoreCase("host")) {
                throw fields.invalid(
                        "read_service_tokens_from_header", "must not be a header that every request carries");
            }
        });
    }

    /** Cross-origin rules: one answer for origins, one for methods, and never credentials for everybody. */
    private static void checkCors(Fields fields) {
        boolean bypass = fields.isSet("options_preflight_bypass");
        fields.object("cors_headers").ifPresent(cors -> {
            if (bypass) {
                throw fields.invalid("cors_headers", "cannot be set together with options_preflight_bypass");
            }
            cors.flag("allow_all_headers");
            cors.lines("allowed_headers", 100, 200);
            List<String> methods = cors.lines("allowed_methods", 20, 20);
            for (int i = 0; i < methods.size(); i++) {
                if (!Cors.METHODS.contains(methods.get(i))) {
                    throw ApiProblem.invalid(
                            cors.pointerTo("allowed_methods") + "/" + i,
                            "must be one of " + String.join(", ", Cors.METHODS));
                }
            }
            List<String> origins = cors.lines("allowed_origins", Limits.ENTRIES, Limits.URL);
            for (int i = 0; i < origins.size(); i++) {
                if (!Cors.isOrigin(origins.get(i))) {
                    throw ApiProblem.invalid(
                            cors.pointerTo("allowed_origins") + "/" + i,
                            "must be an origin such as https://a.example.com");
                }
            }
            if (cors.isSet("allow_all_methods") != methods.isEmpty()) {
                throw cors.invalid("allowed_methods", "or allow_all_methods: exactly one of the two is needed");
            }
            if (cors.isSet("allow_all_origins") != origins.isEmpty()) {
                throw cors.invalid("allowed_origins", "or allow_all_origins: exactly one of the two is needed");
            }
            if (cors.isSet("allow_all_origins") && cors.isSet("allow_credentials")) {
                throw cors.invalid("allow_credentials", "cannot be set together with allow_all_origins");
            }
            cors.integer("max_age", -1, 86_400);
        });
    }

    /**
     * Our own member: whether people may create app passes for the application, and the header that may carry them.
     */
    private static void checkAppPasses(Fields fields) {
        fields.object("sallyport_app_passes").ifPresent(passes -> {
            for (String member : passes.json().propertyNames()) {
                if (!Set.of("enabled", "header").contains(member)) {
                    throw passes.invalid(member, "is not known here");
                }
            }
            passes.flag("enabled");
            passes.line("header", 100).ifPresent(header -> {
                if (!header.matches("[A-Za-z0-9-]+")
                        || Set.of("cookie", "host", "authorization").contains(header.toLowerCase(Locale.ROOT))) {
                    throw passes.invalid("header", "must be the name of a header of its own");
                }
            });
        });
    }

    /** Members that are only stored and returned; just their types are checked. */
    private static void checkStoredOnly(Fields fields) {
        fields.object("mfa_config").ifPresent(MfaConfig::check);
        fields.object("oauth_configuration");
        fields.object("saas_app")
                .ifPresent(saas ->
                        List.of("redirect_uris", "grant_types", "scopes").forEach(list -> saas.lines(list, 100, 2048)));
        fields.object("landing_page_design");
        fields.objects("footer_links", 100);
        fields.objects("target_criteria", 100);
        fields.object("scim_config").ifPresent(ScimConfig::checkOutbound);
    }
}
