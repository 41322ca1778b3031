package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.ListId;
import io.sallyport.identity.ServiceTokenId;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule of a policy, by the names that Cloudflare Access has for them. Spelled in JSON by {@code policy.json.SelectorJson}. */
public sealed interface Selector {
    /** The selector's member name in the API. */
    default String key() {
        return switch (this) {
            case EmailIs _ -> "email";
            case EmailDomain _ -> "email_domain";
            case EmailList _ -> "email_list";
            case Everyone _ -> "everyone";
            case Ip _ -> "ip";
            case IpList _ -> "ip_list";
            case Geo _ -> "geo";
            case InGroup _ -> "group";
            case AnyValidServiceToken _ -> "any_valid_service_token";
            case ServiceToken _ -> "service_token";
            case Workload _ -> "workload";
            case AnyCertificate _ -> "certificate";
            case CommonName _ -> "common_name";
            case AuthMethod _ -> "auth_method";
            case LoginMethod _ -> "login_method";
            case GithubOrganization _ -> "github-organization";
            case GsuiteGroup _ -> "gsuite";
            case OktaGroup _ -> "okta";
            case AzureGroup _ -> "azureAD";
            case SamlAttribute _ -> "saml";
            case OidcClaim _ -> "oidc";
            case ExternalEvaluation _ -> "external_evaluation";
            case Unsupported unsupported -> unsupported.key;
        };
    }

    /** Selectors about the person who logged in, and how. */
    sealed interface AboutIdentity extends Selector {}

    /** Selectors whose truth a login establishes for good, other than by the e-mail address: what {@link FactSet} collects. */
    sealed interface LoginFact extends AboutIdentity {}

    /** {@code email}: the verified address, compared whole and case-free. */
    record EmailIs(Email email) implements AboutIdentity {}

    /** {@code email_domain}: the part after the {@code @}, exact. */
    record EmailDomain(String domain) implements AboutIdentity {}

    /** {@code email_list}: the address is an item of a list of type EMAIL. */
    record EmailList(ListId list) implements AboutIdentity {}

    /** {@code everyone}: always true. */
    record Everyone() implements Selector {}

    /** {@code ip}: client address in a block. */
    record Ip(Cidr block) implements Selector {}

    /** {@code ip_list}: client address in a list of type IP. */
    record IpList(ListId list) implements Selector {}

    /** {@code geo}: ISO 3166-1 alpha-2 country of the client address, upper case. */
    record Geo(String countryCode) implements Selector {}

    /** {@code group}: an Access group, evaluated by its own rules. */
    record InGroup(GroupId group) implements Selector {}

    /** {@code any_valid_service_token}. */
    record AnyValidServiceToken() implements Selector {}

    /** {@code service_token}: that token was presented. */
    record ServiceToken(ServiceTokenId token) implements Selector {}

    /**
     * {@code workload}, ours alone: a workload of this issuer, whose token has for each claim one of the values.
     *
     * @param claims may be empty: then every workload of the issuer
     */
    record Workload(ServiceTokenId issuer, Map<String, Set<String>> claims) implements Selector {
        /** Copies the map. */
        public Workload {
            claims = Map.copyOf(claims);
        }
    }

    /** {@code certificate}: any verified client certificate. */
    record AnyCertificate() implements Selector {}

    /** {@code common_name}: subject CN of the verified client certificate. */
    record CommonName(String name) implements Selector {}

    /** {@code auth_method}: an RFC 8176 {@code amr} value of the login. */
    record AuthMethod(String method) implements LoginFact {}

    /** {@code login_method}: the identity provider of the login. */
    record LoginMethod(IdpId idp) implements LoginFact {}

    /** {@code github-organization}, with an optional team: groups named {@code org} and {@code org/team} of the login. */
    record GithubOrganization(
            IdpId idp, String organization, @Nullable String team) implements LoginFact {}

    /** {@code gsuite}: a Google Workspace group by e-mail. */
    record GsuiteGroup(IdpId idp, String email) implements LoginFact {}

    /** {@code okta}: a group by name. */
    record OktaGroup(IdpId idp, String name) implements LoginFact {}

    /** {@code azureAD}: a group by object id. */
    record AzureGroup(IdpId idp, String id) implements LoginFact {}

    /** {@code saml}: any value of the attribute equals; no partial match. */
    record SamlAttribute(IdpId idp, String name, String value) implements LoginFact {}

    /** {@code oidc}: the claim, or any element of an array claim, equals; no partial match. */
    record OidcClaim(IdpId idp, String name, String value) implements LoginFact {}

    /** {@code external_evaluation}: an evaluator's signed answer at login. */
    record ExternalEvaluation(URI evaluateUrl, URI keysUrl) implements LoginFact {}

    /**
     * A selector the API knows and this product does not evaluate. It is undecided for everybody: nothing in include and
     * require, a hit in exclude and in a deny policy, so that it never widens access.
     *
     * @param key the JSON member
     * @param json its value, verbatim
     */
    record Unsupported(String key, String json) implements Selector {}
}
