package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.identity.Identity;
import io.sallyport.saml.ServiceProviderMetadata;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.IdentityProvider.Saml;
import io.sallyport.token.SamlRequestSignature;
import io.sallyport.web.Action;
import io.sallyport.web.SecurityHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * The SAML endpoints: the posted response, which answers a login of ours or begins one
 * where the provider entry allows that, and the metadata for setting providers up.
 */
final class SamlEndpoints {
    private static final MediaType METADATA = MediaType.parseMediaType("application/samlmetadata+xml");
    private static final String RESPONSE = "SAMLResponse";
    private static final String RELAY_STATE = "RelayState";

    private final Callback callback;
    private final SamlLogin saml;
    private final RelayStates relayStates;
    private final Sessions sessions;
    private final Completion completion;
    private final Replies replies;
    private final FailedSignIn failed;

    SamlEndpoints(
            Callback callback,
            SamlLogin saml,
            RelayStates relayStates,
            Sessions sessions,
            Completion completion,
            Replies replies,
            FailedSignIn failed) {
        this.callback = callback;
        this.saml = saml;
        this.relayStates = relayStates;
        this.sessions = sessions;
        this.completion = completion;
        this.replies = replies;
        this.failed = failed;
    }

    /** {@code POST /cdn-cgi/access/callback}. */
    Reply receive(Visit visit) {
        Optional<String> state = visit.form(RELAY_STATE).flatMap(relayStates::state);
        if (state.isPresent() && callback.knows(visit, state.get())) {
            return callback.receive(visit, state);
        }
        Optional<Saml> provider = visit.form(RESPONSE).flatMap(response -> SamlLogin.claimed(visit, response));
        return provider.isEmpty() ? callback.receive(visit, Optional.empty()) : begun(visit, provider.get());
    }

    /** A login that began at the provider. It can only lead to an application of ours (SA-11). */
    private Reply begun(Visit visit, Saml provider) {
        IdentityProvider.Unsolicited terms = provider.unsolicited();
        String fallback = terms == null ? null : terms.target();
        Optional<Destination.Resolved> resolved = visit.form(RELAY_STATE)
                .flatMap(url -> Destination.named(visit.snapshot(), url))
                .or(() -> fallback == null
                        ? Destination.launcher(visit.snapshot())
                        : Destination.named(visit.snapshot(), fallback));
        if (resolved.isEmpty() || !LoginMethods.allowed(resolved.get().application(), provider.id())) {
            return replies.problem(
                    visit,
                    400,
                    "no_such_application",
                    "No application to open",
                    "The provider did not name an application of ours that takes its sign-ins. Open the application itself.",
                    List.of());
        }
        Application application = resolved.get().application();
        Destination destination = resolved.get().destination();
        try {
            ProvenIdentity proven = saml.unsolicited(provider, visit, Providers.callbackUrl(visit));
            Optional<Identity> present =
                    sessions.global(visit).filter(person -> !person.email().equals(proven.email()));
            return present.isPresent()
                    ? signedInAlready(visit, present.get())
                    : completion.login(visit, application, destination, proven);
        } catch (ProviderFailure failure) {
            Action here = new Action("Sign in here", destination.url(visit.snapshot()));
            return failed.reply(visit, application, provider, failure, List.of(here));
        }
    }

    /**
     * Asks a signed-in person before switching accounts: any page can post a response for its author's account, and the
     * person must not continue under that account unnoticed.
     */
    private Reply signedInAlready(Visit visit, Identity person) {
        return replies.problem(
                visit,
                409,
                "other_session",
                "You are signed in as " + person.email(),
                "A page wanted to sign you in as somebody else. If that was you, sign out first and open it again.",
                List.of(new Action("Sign out", AccessHeaders.RESERVED_PATH + "logout")));
    }

    /** {@code /cdn-cgi/access/saml-metadata}: our metadata, for all providers. */
    Reply metadata(Visit visit) {
        return metadata(visit, false, List.of());
    }

    /** {@code /cdn-cgi/access/{idp-id}/saml-metadata}: our metadata with the settings of one provider entry. */
    Reply providerMetadata(Visit visit) {
        String path = visit.context().target().path();
        String id = path.substring(AccessHeaders.RESERVED_PATH.length(), path.lastIndexOf('/'));
        Optional<Saml> provider = visit.snapshot().identityProviders().values().stream()
                .filter(each -> each.id().toString().equals(id))
                .filter(Saml.class::isInstance)
                .map(Saml.class::cast)
                .findFirst();
        return provider.map(each -> metadata(
                        visit,
                        each.signsRequests(),
                        each.encryption().stream()
                                .limit(1)
                                .map(IdentityProvider.DecryptionKey::certificate)
                                .toList()))
                .orElseGet(() -> replies.problem(
                        visit, 404, "not_found", "Not found", "There is no such SAML provider here.", List.of()));
    }

    private static Reply metadata(Visit visit, boolean signsRequests, List<String> encryption) {
        HttpHeaders headers = new HttpHeaders();
        SecurityHeaders.write(headers, visit.context().secure());
        headers.setContentType(METADATA);
        headers.setCacheControl("public, max-age=3600");
        String xml = new ServiceProviderMetadata(
                        Providers.callbackUrl(visit),
                        signsRequests,
                        SamlRequestSignature.certificates(visit.snapshot().keys(), visit.now()),
                        encryption)
                .xml();
        return new Reply(200, headers, xml.getBytes(StandardCharsets.UTF_8));
    }
}
