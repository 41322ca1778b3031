package io.sallyport.control;

import io.sallyport.policy.Selector;
import java.util.Optional;
import java.util.UUID;

/**
 * A reference from a rule to another object of the configuration.
 *
 * @param member the place of the reference, as a JSON pointer into the rule
 */
record Mention(Kind kind, UUID id, String member) {
    /** The kinds of objects that rules can refer to. */
    enum Kind {
        GROUP,
        EMAIL_LIST,
        IP_LIST,
        SERVICE_TOKEN,
        WORKLOAD_ISSUER,
        IDENTITY_PROVIDER
    }

    /** The reference in a selector; empty when it has none. */
    static Optional<Mention> in(Selector selector) {
        return switch (selector) {
            case Selector.InGroup it -> of(Kind.GROUP, it.group().value(), "/group/id");
            case Selector.EmailList it -> of(Kind.EMAIL_LIST, it.list().value(), "/email_list/id");
            case Selector.IpList it -> of(Kind.IP_LIST, it.list().value(), "/ip_list/id");
            case Selector.ServiceToken it -> of(Kind.SERVICE_TOKEN, it.token().value(), "/service_token/token_id");
            case Selector.Workload it -> of(Kind.WORKLOAD_ISSUER, it.issuer().value(), "/workload/issuer_id");
            case Selector.LoginMethod it -> provider(it.idp().value(), "/login_method/id");
            case Selector.GithubOrganization it ->
                provider(it.idp().value(), "/github-organization/identity_provider_id");
            case Selector.GsuiteGroup it -> provider(it.idp().value(), "/gsuite/identity_provider_id");
            case Selector.OktaGroup it -> provider(it.idp().value(), "/okta/identity_provider_id");
            case Selector.AzureGroup it -> provider(it.idp().value(), "/azureAD/identity_provider_id");
            case Selector.SamlAttribute it -> provider(it.idp().value(), "/saml/identity_provider_id");
            case Selector.OidcClaim it -> provider(it.idp().value(), "/oidc/identity_provider_id");
            case Selector.EmailIs _,
                    Selector.EmailDomain _,
                    Selector.Everyone _,
                    Selector.Ip _,
                    Selector.Geo _,
                    Selector.AnyValidServiceToken _,
                    Selector.AnyCertificate _,
                    Selector.CommonName _,
                    Selector.AuthMethod _,
                    Selector.ExternalEvaluation _,
                    Selector.Unsupported _ -> Optional.empty();
        };
    }

    private static Optional<Mention> provider(UUID id, String member) {
        return of(Kind.IDENTITY_PROVIDER, id, member);
    }

    private static Optional<Mention> of(Kind kind, UUID id, String member) {
        return Optional.of(new Mention(kind, id, member));
    }
}
