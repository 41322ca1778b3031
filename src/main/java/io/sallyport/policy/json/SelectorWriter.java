package io.sallyport.policy.json;

import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.ListId;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.policy.Selector;
import java.net.URI;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Spells selectors as the API does: what {@link SelectorJson#read} reads. */
final class SelectorWriter {
    private static final JsonMapper JSON = JsonMapper.shared();

    private SelectorWriter() {}

    /** One rule. Addresses of evaluators are written without their query, which may hold a secret. */
    static ObjectNode write(Selector selector) {
        ObjectNode rule = JsonNodeFactory.instance.objectNode();
        if (selector instanceof Selector.Unsupported(String key, String json)) {
            rule.set(key, JSON.readTree(json));
            return rule;
        }
        ObjectNode value = rule.putObject(selector.key());
        switch (selector) {
            case Selector.EmailIs(Email email) -> value.put("email", email.value());
            case Selector.EmailDomain(String domain) -> value.put("domain", domain);
            case Selector.EmailList(ListId list) -> value.put("id", list.toString());
            case Selector.Ip(Cidr block) -> value.put("ip", block.toString());
            case Selector.IpList(ListId list) -> value.put("id", list.toString());
            case Selector.Geo(String country) -> value.put("country_code", country);
            case Selector.InGroup(GroupId group) -> value.put("id", group.toString());
            case Selector.ServiceToken(ServiceTokenId token) -> value.put("token_id", token.toString());
            case Selector.Workload workload -> writeWorkload(value, workload);
            case Selector.CommonName(String name) -> value.put("common_name", name);
            case Selector.AuthMethod(String method) -> value.put("auth_method", method);
            case Selector.LoginMethod(IdpId idp) -> value.put("id", idp.toString());
            case Selector.GithubOrganization organization -> writeOrganization(value, organization);
            case Selector.GsuiteGroup(IdpId idp, String email) -> of(idp, value).put("email", email);
            case Selector.OktaGroup(IdpId idp, String name) -> of(idp, value).put("name", name);
            case Selector.AzureGroup(IdpId idp, String id) -> of(idp, value).put("id", id);
            case Selector.SamlAttribute(IdpId idp, String name, String wanted) ->
                of(idp, value).put("attribute_name", name).put("attribute_value", wanted);
            case Selector.OidcClaim(IdpId idp, String name, String wanted) ->
                of(idp, value).put("claim_name", name).put("claim_value", wanted);
            case Selector.ExternalEvaluation(URI evaluate, URI keys) ->
                value.put("evaluate_url", withoutQuery(evaluate)).put("keys_url", withoutQuery(keys));
            case Selector.Everyone _, Selector.AnyValidServiceToken _, Selector.AnyCertificate _ -> {
                // The key says it all.
            }
            case Selector.Unsupported _ -> throw new IllegalStateException("written above");
        }
        return rule;
    }

    private static void writeWorkload(ObjectNode value, Selector.Workload workload) {
        ObjectNode wanted = value.put("issuer_id", workload.issuer().toString()).putObject("claims");
        new TreeMap<>(workload.claims()).forEach((claim, values) -> {
            var array = wanted.putArray(claim);
            values.stream().sorted().forEach(array::add);
        });
    }

    private static void writeOrganization(ObjectNode value, Selector.GithubOrganization organization) {
        of(organization.idp(), value).put("name", organization.organization());
        if (organization.team() != null) {
            value.put("team", organization.team());
        }
    }

    private static ObjectNode of(IdpId idp, ObjectNode value) {
        return value.put("identity_provider_id", idp.toString());
    }

    private static String withoutQuery(URI uri) {
        String text = uri.toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query) + "?…";
    }
}
