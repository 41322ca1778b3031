package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.session.WaitingRoom;
import io.sallyport.snapshot.IdentityProvider;
import java.time.Duration;

/**
 * Begins and ends logins at identity providers of all protocols. Limits how many logins may wait for one provider, so
 * that a slow one does not block logins at others.
 */
final class Providers {
    private static final Duration PENDING = Duration.ofMinutes(10);
    private static final int WAITING = 384;
    static final int WAITING_FOR_ONE = 128;

    private final OidcLogin oidc;
    private final GitHubLogin gitHub;
    private final SamlLogin saml;
    private final ProfileLogin profiles;
    private final Seals seals;
    private final Replies replies;
    private final WaitingRoom room = new WaitingRoom(WAITING, WAITING_FOR_ONE);

    Providers(OidcLogin oidc, GitHubLogin gitHub, SamlLogin saml, ProfileLogin profiles, Seals seals, Replies replies) {
        this.oidc = oidc;
        this.gitHub = gitHub;
        this.saml = saml;
        this.profiles = profiles;
        this.seals = seals;
        this.replies = replies;
    }

    /**
     * Begins a login.
     *
     * @param fresh whether the provider should ask for the account even if it has a session, to use another account
     */
    Reply start(Visit visit, IdentityProvider provider, Destination destination, LoginSession session, boolean fresh)
            throws ProviderFailure {
        PendingLogin pending = new PendingLogin(
                seals.random(),
                provider.id().toString(),
                seals.random(),
                seals.random(),
                destination,
                session.hash(),
                visit.now().plus(PENDING).getEpochSecond());
        return waiting(provider, () -> send(visit, provider, pending, fresh));
    }

    private Reply send(Visit visit, IdentityProvider provider, PendingLogin pending, boolean fresh)
            throws ProviderFailure {
        String state = seals.seal(pending);
        return switch (provider) {
            case IdentityProvider.OpenIdConnect connect ->
                replies.redirect(
                        visit, oidc.authorizationUrl(connect, pending, state, callbackUrl(visit), fresh, visit.now()));
            case IdentityProvider.GitHub hub ->
                replies.redirect(visit, gitHub.authorizationUrl(hub, pending, state, callbackUrl(visit), fresh));
            case IdentityProvider.OAuthProfile profile ->
                replies.redirect(visit, profiles.authorizationUrl(profile, pending, state, callbackUrl(visit)));
            case IdentityProvider.Saml asserting ->
                saml.begin(visit, asserting, pending, state, callbackUrl(visit), fresh);
            case IdentityProvider.OneTimePin _, IdentityProvider.Unavailable _ -> throw notOffered();
        };
    }

    /** Ends a login: redeems the code at the state's provider and reads the identity. */
    ProvenIdentity finish(Visit visit, IdentityProvider provider, PendingLogin pending) throws ProviderFailure {
        return waiting(provider, () -> take(visit, provider, pending));
    }

    private ProvenIdentity take(Visit visit, IdentityProvider provider, PendingLogin pending) throws ProviderFailure {
        return switch (provider) {
            case IdentityProvider.OpenIdConnect connect -> oidc.finish(connect, pending, visit, callbackUrl(visit));
            case IdentityProvider.OAuthProfile profile -> profiles.finish(profile, pending, visit, callbackUrl(visit));
            case IdentityProvider.GitHub hub -> gitHub.finish(hub, pending, visit, callbackUrl(visit));
            case IdentityProvider.Saml asserting -> saml.finish(asserting, pending, visit, callbackUrl(visit));
            case IdentityProvider.OneTimePin _, IdentityProvider.Unavailable _ -> throw notOffered();
        };
    }

    /** A call that may wait for a provider. */
    @FunctionalInterface
    private interface Waiting<T> {
        T done() throws ProviderFailure;
    }

    private <T> T waiting(IdentityProvider provider, Waiting<T> work) throws ProviderFailure {
        String place = provider.id().toString();
        if (!room.enter(place)) {
            throw new ProviderFailure(
                    "provider_unreachable", provider.name() + " is slow just now, and too many people wait for it.");
        }
        try {
            return work.done();
        } finally {
            room.leave(place);
        }
    }

    /** The callback URL, always on the team domain, whatever the request's host (OI-09). */
    static String callbackUrl(Visit visit) {
        return visit.snapshot().settings().issuer() + AccessHeaders.RESERVED_PATH + "callback";
    }

    private static ProviderFailure notOffered() {
        return new ProviderFailure("method_not_allowed", "This way to sign in is not offered here.");
    }
}
