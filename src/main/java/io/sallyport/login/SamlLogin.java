package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.IdpRef;
import io.sallyport.saml.Assertion;
import io.sallyport.saml.AuthnRequest;
import io.sallyport.saml.ResponseVerifier;
import io.sallyport.saml.ResponseVerifier.Expected;
import io.sallyport.saml.ResponseVerifier.Result;
import io.sallyport.saml.SamlProblem;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.IdentityProvider.Saml;
import io.sallyport.token.SamlRequestSignature;
import io.sallyport.web.HandOver;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SAML 2.0 with one provider (Profiles §4.1): the request by redirect or post, and the posted response. The state is
 * sent as RelayState, or stored here and sent as an id when the provider accepts only short redirects.
 */
final class SamlLogin {
    private static final Logger LOG = LoggerFactory.getLogger(SamlLogin.class);
    private static final String GROUPS = "groups";
    private static final String ENTRA_GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

    private final RelayStates relayStates;
    private final StaleMetadata metadata;
    private final OneTimeUse once;
    private final Replies replies;

    SamlLogin(RelayStates relayStates, StaleMetadata metadata, OneTimeUse once, Replies replies) {
        this.relayStates = relayStates;
        this.metadata = metadata;
        this.once = once;
        this.replies = replies;
    }

    /** Sends the browser to the provider. */
    Reply begin(Visit visit, Saml provider, PendingLogin pending, String state, String callback, boolean fresh) {
        String destination = provider.destination().toString();
        AuthnRequest request = new AuthnRequest(
                requestId(pending), destination, callback, fresh || provider.forceAuthn(), visit.now());
        AuthnRequest.Signer signer =
                octets -> SamlRequestSignature.sign(visit.snapshot().keys(), octets, visit.now());
        if (provider.posts()) {
            String field = provider.signsRequests() ? request.field(signer) : request.field();
            return replies.page(
                    visit,
                    replies.pages()
                            .handOver(
                                    Replies.branding(visit.snapshot().settings()),
                                    new HandOver(
                                            provider.name(),
                                            destination,
                                            Map.of("SAMLRequest", field, "RelayState", state))));
        }
        String url = url(provider, request, state, signer);
        if (provider.longestUrl() > 0 && url.length() > provider.longestUrl()) {
            url = url(provider, request, relayStates.keep(state, pending.ends(), visit.now()), signer);
        }
        return replies.redirect(visit, url);
    }

    private static String url(Saml provider, AuthnRequest request, String relayState, AuthnRequest.Signer signer) {
        String destination = provider.destination().toString();
        return destination
                + (destination.indexOf('?') < 0 ? '?' : '&')
                + (provider.signsRequests() ? request.query(relayState, signer) : request.query(relayState));
    }

    /** The identity in the posted response, which must answer this pending login. */
    ProvenIdentity finish(Saml provider, PendingLogin pending, Visit visit, String callback) throws ProviderFailure {
        return identity(visit, provider, callback, requestId(pending));
    }

    /** The identity in a response that answers no request. */
    ProvenIdentity unsolicited(Saml provider, Visit visit, String callback) throws ProviderFailure {
        return identity(visit, provider, callback, null);
    }

    /** The provider that a response claims as its issuer, if it may begin logins. The signature is verified later. */
    static Optional<Saml> claimed(Visit visit, String response) {
        Optional<String> issuer = ResponseVerifier.claimedIssuer(response);
        List<Saml> candidates = visit.snapshot().identityProviders().values().stream()
                .filter(IdentityProvider.Saml.class::isInstance)
                .map(Saml.class::cast)
                .filter(provider -> provider.unsolicited() != null)
                .filter(provider -> issuer.filter(provider.issuer()::equals).isPresent())
                .toList();
        return candidates.size() == 1 ? Optional.of(candidates.getFirst()) : Optional.empty();
    }

    /** An XML name, which may not begin with a digit. */
    private static String requestId(PendingLogin pending) {
        return "_" + pending.nonce();
    }

    private ProvenIdentity identity(Visit visit, Saml provider, String callback, @Nullable String request)
            throws ProviderFailure {
        String response = visit.form("SAMLResponse")
                .orElseThrow(() -> new ProviderFailure("saml_response_missing", "The provider sent no SAML response."));
        Expected expected = new Expected(
                provider.issuer(),
                provider.certificates(),
                callback,
                request,
                provider.encryption().stream()
                        .map(IdentityProvider.DecryptionKey::key)
                        .toList());
        return switch (ResponseVerifier.verify(response, expected, visit.now())) {
            case Result.Verified(Assertion assertion) -> {
                useOnce(visit, provider, assertion);
                yield identity(provider, assertion);
            }
            case Result.Refused(SamlProblem problem, String detail) -> {
                if (problem == SamlProblem.CERTIFICATE || problem == SamlProblem.SIGNATURE) {
                    metadata.suspect(provider.id(), visit.now());
                }
                throw refused(visit, problem, detail);
            }
        };
    }

    /** Accepts each assertion once on all replicas, until it would be refused as expired (SA-10). */
    private void useOnce(Visit visit, Saml provider, Assertion assertion) throws ProviderFailure {
        String use = "saml/" + Seals.hash(provider.id() + " " + assertion.id());
        if (!once.first(use, assertion.usableUntil().getEpochSecond() + 1)) {
            throw refused(visit, SamlProblem.IN_RESPONSE_TO, "the assertion was used before");
        }
    }

    /** Logs which check failed; the visitor gets the same message for all of them (SA-12). */
    private static ProviderFailure refused(Visit visit, SamlProblem problem, String detail) {
        LOG.warn(
                "SAML response refused: {}: {} (ray {})",
                problem.name().toLowerCase(Locale.ROOT),
                Callback.shorten(detail),
                visit.context().ray());
        return switch (problem) {
            case TOO_LARGE -> new ProviderFailure("saml_too_large", "The provider's answer is larger than 256 KiB.");
            case STATUS -> new ProviderFailure("provider_refused", "The provider did not sign you in.");
            case IN_RESPONSE_TO,
                    MALFORMED,
                    STRUCTURE,
                    SIGNATURE,
                    ALGORITHM,
                    CERTIFICATE,
                    ENCRYPTION,
                    ISSUER,
                    DESTINATION,
                    RECIPIENT,
                    AUDIENCE,
                    EXPIRED,
                    NOT_YET_VALID,
                    SUBJECT -> new ProviderFailure("saml_invalid", "The provider's answer could not be verified.");
        };
    }

    private static ProvenIdentity identity(Saml provider, Assertion assertion) throws ProviderFailure {
        return new ProvenIdentity(
                email(provider, assertion),
                only(assertion, "name").or(() -> only(assertion, "displayName")).orElse(null),
                new IdpRef(provider.id(), provider.type()),
                provider.name(),
                groups(assertion),
                assertion.attributes().getOrDefault("amr", List.of()),
                claims(provider, assertion));
    }

    /** The configured attribute, which must say one address; without a configured one {@code email}, then the NameID. */
    private static Email email(Saml provider, Assertion assertion) throws ProviderFailure {
        String configured = provider.emailAttribute();
        String name = configured == null ? "email" : configured;
        List<String> values = assertion.attributes().getOrDefault(name, List.of()).stream()
                .distinct()
                .toList();
        if (values.size() > 1) {
            throw new ProviderFailure(
                    "email_ambiguous",
                    "The provider sent several values in the attribute " + name + ". Ask your administrator.");
        }
        Optional<String> text = values.stream().findFirst();
        return (configured == null ? text.or(assertion::emailNameId) : text)
                .flatMap(Email::parse)
                .orElseThrow(() -> new ProviderFailure(
                        "email_missing",
                        "The provider did not tell your email address in the attribute " + name
                                + ". Ask your administrator."));
    }

    private static Optional<String> only(Assertion assertion, String name) {
        List<String> values = assertion.attributes().getOrDefault(name, List.of());
        return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
    }

    private static List<Group> groups(Assertion assertion) {
        return assertion.attributes().entrySet().stream()
                .filter(attribute -> attribute.getKey().equalsIgnoreCase(GROUPS)
                        || attribute.getKey().equals(ENTRA_GROUPS))
                .flatMap(attribute -> attribute.getValue().stream())
                .map(Group::named)
                .distinct()
                .toList();
    }

    /** The configured attributes and those that become headers: a text where there is one value, else a list. */
    private static Map<String, Object> claims(Saml provider, Assertion assertion) {
        Set<String> names = new LinkedHashSet<>(provider.attributes());
        provider.headers().forEach(header -> names.add(header.attribute()));
        Map<String, Object> claims = new LinkedHashMap<>();
        for (String name : names) {
            List<String> values = assertion.attributes().getOrDefault(name, List.of());
            if (!values.isEmpty()) {
                claims.put(name, values.size() == 1 ? values.getFirst() : values);
            }
        }
        return claims;
    }
}
