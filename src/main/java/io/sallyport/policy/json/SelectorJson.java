package io.sallyport.policy.json;

import io.sallyport.http.Cidr;
import io.sallyport.http.HostName;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.ListId;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.Selector;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Reads selectors as the API spells them. */
public final class SelectorJson {
    private static final String IDP = "identity_provider_id";

    private static final Map<String, Function<Members, Selector>> READERS = Map.ofEntries(
            Map.entry("email", m -> new Selector.EmailIs(m.parsed("email", SelectorJson::email))),
            Map.entry("email_domain", m -> new Selector.EmailDomain(m.parsed("domain", SelectorJson::domain))),
            Map.entry("email_list", m -> new Selector.EmailList(m.id("id", ListId::of))),
            Map.entry("everyone", m -> new Selector.Everyone()),
            Map.entry("ip", m -> new Selector.Ip(m.parsed("ip", Cidr::parse))),
            Map.entry("ip_list", m -> new Selector.IpList(m.id("id", ListId::of))),
            Map.entry("geo", m -> new Selector.Geo(m.parsed("country_code", SelectorJson::country))),
            Map.entry("group", m -> new Selector.InGroup(m.id("id", GroupId::of))),
            Map.entry("any_valid_service_token", m -> new Selector.AnyValidServiceToken()),
            Map.entry("service_token", m -> new Selector.ServiceToken(m.id("token_id", ServiceTokenId::of))),
            Map.entry(
                    "workload",
                    m -> new Selector.Workload(m.id("issuer_id", ServiceTokenId::of), m.valuesByName("claims"))),
            Map.entry("certificate", m -> new Selector.AnyCertificate()),
            Map.entry("common_name", m -> new Selector.CommonName(m.text("common_name"))),
            Map.entry("auth_method", m -> new Selector.AuthMethod(m.text("auth_method"))),
            Map.entry("login_method", m -> new Selector.LoginMethod(m.id("id", IdpId::of))),
            Map.entry(
                    "github-organization",
                    m -> new Selector.GithubOrganization(
                            m.id(IDP, IdpId::of),
                            m.text("name"),
                            m.optionalText("team").orElse(null))),
            Map.entry("gsuite", m -> new Selector.GsuiteGroup(m.id(IDP, IdpId::of), m.text("email"))),
            Map.entry("okta", m -> new Selector.OktaGroup(m.id(IDP, IdpId::of), m.text("name"))),
            Map.entry("azureAD", m -> new Selector.AzureGroup(m.id(IDP, IdpId::of), m.text("id"))),
            Map.entry(
                    "saml",
                    m -> new Selector.SamlAttribute(
                            m.id(IDP, IdpId::of), m.text("attribute_name"), m.text("attribute_value"))),
            Map.entry(
                    "oidc",
                    m -> new Selector.OidcClaim(m.id(IDP, IdpId::of), m.text("claim_name"), m.text("claim_value"))),
            Map.entry(
                    "external_evaluation",
                    m -> new Selector.ExternalEvaluation(m.url("evaluate_url"), m.url("keys_url"))));

    /** Known to the API and not evaluated here, with the members they may have. */
    private static final Map<String, Set<String>> UNSUPPORTED = Map.of(
            "auth_context", Set.of(IDP, "id", "ac_id"),
            "device_posture", Set.of("integration_uid", "account_id"),
            "linked_app_token", Set.of("app_uid"),
            "user_risk_score", Set.of("user_risk_score"),
            "cloudflare_account_member", Set.of("account_id"));

    private SelectorJson() {}

    /**
     * Reads one rule.
     *
     * @param pointer where the rule stands, for the error
     * @throws PolicyProblem for an unknown key, a misspelt member or a wrong type (PN-11)
     */
    public static Selector read(JsonNode rule, String pointer) {
        if (!rule.isObject() || rule.size() != 1) {
            throw new PolicyProblem(pointer, "a rule is an object with exactly one selector");
        }
        String key = rule.propertyNames().iterator().next();
        JsonNode value = rule.get(key);
        Members members = Members.in(value, pointer, key);
        Set<String> unsupported = UNSUPPORTED.get(key);
        if (unsupported != null) {
            Selector stored = new Selector.Unsupported(key, value.toString());
            return members.requireObject().known(unsupported).only(stored);
        }
        Function<Members, Selector> reader = READERS.get(key);
        if (reader == null) {
            throw members.notASelector(READERS.keySet());
        }
        return members.requireObject().only(reader.apply(members));
    }

    private static Email email(String text) {
        return Email.parse(text).orElseThrow(() -> new IllegalArgumentException("must be one plain e-mail address"));
    }

    private static String domain(String text) {
        if (HostName.parse(text).filter(host -> !host.isAddress()).isEmpty() || text.endsWith(".")) {
            throw new IllegalArgumentException("must be a domain such as example.com, without the @");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static String country(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        if (upper.length() != 2 || !upper.chars().allMatch(c -> c >= 'A' && c <= 'Z')) {
            throw new IllegalArgumentException("must be a country code of two letters");
        }
        return upper;
    }
}
