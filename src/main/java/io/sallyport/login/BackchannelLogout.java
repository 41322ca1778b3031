package io.sallyport.login;

import io.sallyport.session.ProviderSession;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import io.sallyport.token.LogoutTokenVerifier;
import io.sallyport.token.LogoutTokenVerifier.Result;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@code POST /cdn-cgi/access/backchannel-logout/{idp-id}}: a provider reports that a person signed out there, and the
 * person's sessions end here on every replica (OpenID Connect Back-Channel Logout 1.0; OI-14). Each logout token works
 * once.
 */
final class BackchannelLogout {
    private static final Logger LOG = LoggerFactory.getLogger(BackchannelLogout.class);

    /**
     * How long the end of a provider's session is remembered; longer than any login takes at the provider and on the
     * way back.
     */
    private static final Duration LOGIN_ON_ITS_WAY = Duration.ofMinutes(30);

    private final Discovery discovery;
    private final KeySets keys;
    private final OneTimeUse once;
    private final TransactionTemplate transaction;
    private final ProviderSessions sessions;
    private final SessionLedger ledger;
    private final Replies replies;

    BackchannelLogout(
            Discovery discovery,
            KeySets keys,
            OneTimeUse once,
            TransactionTemplate transaction,
            ProviderSessions sessions,
            SessionLedger ledger,
            Replies replies) {
        this.discovery = discovery;
        this.keys = keys;
        this.once = once;
        this.transaction = transaction;
        this.sessions = sessions;
        this.ledger = ledger;
        this.replies = replies;
    }

    /** Answers 200 when the sessions that the token names have ended, and 400 for every invalid token. */
    Reply receive(Visit visit) throws ProviderFailure {
        Optional<OpenIdConnect> provider = visit.snapshot().identityProviders().values().stream()
                .filter(each -> each.id().toString().equals(visit.lastSegment()))
                .filter(OpenIdConnect.class::isInstance)
                .map(OpenIdConnect.class::cast)
                .findFirst();
        Optional<String> token = visit.form("logout_token");
        if (provider.isEmpty() || token.isEmpty()) {
            return refused(visit, "no such provider, or no logout_token");
        }
        return switch (verify(visit, provider.get(), token.get())) {
            case Result.Verified verified -> end(visit, provider.get(), verified);
            case Result.UnknownKey _ -> refused(visit, "unknown key");
            case Result.Rejected(String reason) -> refused(visit, reason);
        };
    }

    private Result verify(Visit visit, OpenIdConnect provider, String token) throws ProviderFailure {
        Discovery.Endpoints endpoints = discovery.of(provider, visit.now());
        URI certs = endpoints.certsUrl();
        Result result = LogoutTokenVerifier.verify(
                keys.current(certs, visit.now()), token, endpoints.issuer(), provider.clientId(), visit.now());
        Optional<String> newer =
                result instanceof Result.UnknownKey ? keys.newer(certs, visit.now()) : Optional.empty();
        return newer.isEmpty()
                ? result
                : LogoutTokenVerifier.verify(newer.get(), token, endpoints.issuer(), provider.clientId(), visit.now());
    }

    private Reply end(Visit visit, OpenIdConnect provider, Result.Verified token) {
        // All in one transaction: after a failure the provider tries again with the same token.
        if (!Boolean.TRUE.equals(transaction.execute(_ -> isFirst(visit, provider, token)))) {
            return refused(visit, "used before");
        }
        // Again, for a login that completed while the transaction ran.
        revoke(provider, token);
        return replies.json(visit, 200, Map.of());
    }

    private boolean isFirst(Visit visit, OpenIdConnect provider, Result.Verified token) {
        String use = "logout/" + Seals.hash(provider.id() + " " + token.id());
        if (!once.first(use, token.usableUntil().getEpochSecond() + 1)) {
            return false;
        }
        String ended = token.session();
        if (ended != null) {
            once.first(
                    ProviderSession.endedUnder(provider.id(), ended),
                    visit.now().plus(LOGIN_ON_ITS_WAY).getEpochSecond());
        }
        revoke(provider, token);
        return true;
    }

    private void revoke(OpenIdConnect provider, Result.Verified token) {
        sessions.of(provider.id(), token.subject(), token.session()).forEach(ledger::revokeSession);
    }

    private Reply refused(Visit visit, String reason) {
        LOG.warn(
                "logout token refused: {} (ray {})",
                Callback.shorten(reason),
                visit.context().ray());
        return replies.json(
                visit, 400, Map.of("error", "invalid_request", "error_description", "the logout token does not hold"));
    }
}
