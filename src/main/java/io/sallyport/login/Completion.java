package io.sallyport.login;

import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Reason;
import io.sallyport.session.AppTokens;
import io.sallyport.session.DeviceName;
import io.sallyport.session.SessionCookie;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.CustomPage;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import io.sallyport.web.Action;
import io.sallyport.web.Pages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Completes a login with a proven identity (steps 4 and 5 of "Signing in" in ARCHITECTURE.md): finds the person, evaluates
 * the policies, begins the session, and sends the browser back to the application with a one-time code, or says why
 * not.
 */
final class Completion {
    private static final Duration CODE_LIFE = Duration.ofSeconds(60);
    private static final Duration DEFAULT_SESSION = Duration.ofHours(24);
    private static final Duration SHORTEST_SESSION = Duration.ofMinutes(15);
    private static final Duration LONGEST_SESSION = Duration.ofDays(31);

    private final SessionLedger ledger;
    private final AppTokens tokens;
    private final Seals seals;
    private final Replies replies;
    private final LoginEvents events;

    Completion(SessionLedger ledger, AppTokens tokens, Seals seals, Replies replies, LoginEvents events) {
        this.ledger = ledger;
        this.tokens = tokens;
        this.seals = seals;
        this.replies = replies;
        this.events = events;
    }

    /** Completes a login at a provider. */
    Reply login(Visit visit, Application application, Destination destination, ProvenIdentity proven) {
        Optional<UserId> user = ledger.person(proven.email(), proven.name(), visit.now());
        if (user.isEmpty()) {
            return shutOut(visit, application, destination, proven);
        }
        Identity identity = new Identity(
                user.get(),
                proven.email(),
                proven.name(),
                proven.idp(),
                proven.groups(),
                proven.amr(),
                proven.claims(),
                visit.country(),
                visit.context().client().getHostAddress(),
                visit.now(),
                new IdentityNonce(seals.random()));
        AppTokens.Judged judged = judge(visit, application, destination, identity);
        if (!(judged.decision() instanceof Decision.Permit permit)) {
            return denied(visit, application, destination, identity, judged);
        }
        events.decided(visit, application, identity, judged);
        Instant ends = visit.now().plus(globalDuration(visit, application));
        @Nullable String device = DeviceName.of(visit.headers().getFirst("User-Agent"));
        if (!ledger.begin(identity, ends, device, proven.there())) {
            return endedThere(visit, application, destination, proven);
        }
        events.allowed(visit, application, identity, code(permit.reason()));
        TokenClaims.Global global =
                new TokenClaims.Global(identity.user(), identity.email(), identity.nonce(), visit.now(), ends);
        String token = TokenIssuer.signForUs(
                visit.snapshot().keys(), visit.snapshot().settings().issuer(), global);
        return toApplication(visit, destination, identity).with(SessionCookie.global(token, ends));
    }

    /**
     * Refuses a person who cannot have a session now, whatever the policies say: a directory disabled them, or an admin
     * just ended their sessions.
     */
    private Reply shutOut(Visit visit, Application application, Destination destination, ProvenIdentity proven) {
        boolean disabled = ledger.isDisabled(proven.email());
        String code = disabled ? "user_disabled" : "user_revoked";
        events.failed(visit, application, proven.idp(), proven.email(), code);
        return replies.problem(
                visit,
                403,
                code,
                disabled ? "Your account is disabled" : "Your sessions were just ended",
                disabled
                        ? "Your account was disabled in your organisation's directory. If that is wrong, ask whoever looks after it."
                        : "An administrator ended all your sessions. Wait a minute, then sign in again.",
                signedInAs(proven.email().value(), proven.idpName()),
                disabled ? List.of() : List.of(new Action("Try again", destination.loginPath(null))));
    }

    /** Refuses a person who signed out at the provider while this login was under way. */
    private Reply endedThere(Visit visit, Application application, Destination destination, ProvenIdentity proven) {
        events.failed(visit, application, proven.idp(), proven.email(), "provider_session_ended");
        return replies.problem(
                visit,
                403,
                "provider_session_ended",
                "You are signed out there",
                "Your session with " + proven.idpName() + " ended meanwhile. Sign in there again.",
                List.of(new Action("Try again", destination.loginPath(null))));
    }

    /** Silent sign-in: a person with a global session opens another application. */
    Reply singleSignOn(Visit visit, Application application, Destination destination, Identity identity) {
        AppTokens.Judged judged = judge(visit, application, destination, identity);
        if (!(judged.decision() instanceof Decision.Permit permit)) {
            return denied(visit, application, destination, identity, judged);
        }
        events.decided(visit, application, identity, judged);
        events.allowed(visit, application, identity, code(permit.reason()));
        return toApplication(visit, destination, identity);
    }

    /** Refuses a known person: with a page, or with the redirect that the admin configured. */
    Reply denied(
            Visit visit, Application application, Destination destination, Identity identity, AppTokens.Judged judged) {
        Reason reason = judged.decision().reason();
        events.decided(visit, application, identity, judged);
        events.denied(visit, application, identity, code(reason));
        String url = application.deny().identityUrl();
        if (url != null) {
            return replies.redirect(visit, url);
        }
        String message = application.deny().message();
        CustomPage custom = application.deny().identityPage();
        if (custom != null && replies.wantsPage(visit)) {
            // On our own domain custom pages get no scripts, not even sandboxed.
            String html = custom.html(values(visit, application, destination, identity, reason, message));
            return replies.page(visit, Pages.custom(403, html));
        }
        IdentityProvider provider =
                visit.snapshot().identityProviders().get(identity.idp().id());
        return replies.problem(
                visit,
                403,
                "identity_denied",
                "You do not have access to " + application.name(),
                message != null ? message : explain(reason),
                signedInAs(
                        identity.email().value(),
                        provider == null ? identity.idp().type() : provider.name()),
                List.of(new Action("Use another account", anotherAccount(visit, destination))));
    }

    /** The values for a custom page's template; their names are {@link CustomPage#REFUSAL_NAMES}. */
    private static Map<String, String> values(
            Visit visit,
            Application application,
            Destination destination,
            Identity identity,
            Reason reason,
            @Nullable String message) {
        return Map.of(
                "app_name",
                application.name(),
                "organization_name",
                visit.snapshot().settings().organizationName(),
                "host",
                destination.host(),
                "email",
                identity.email().value(),
                "message",
                message != null ? message : explain(reason),
                "reason",
                explain(reason),
                "reason_code",
                code(reason),
                "ray_id",
                visit.context().ray(),
                "another_account_url",
                anotherAccount(visit, destination));
    }

    private static String anotherAccount(Visit visit, Destination destination) {
        return visit.snapshot().settings().issuer() + destination.loginPath(null) + "&" + Login.FRESH + "=1";
    }

    private AppTokens.Judged judge(Visit visit, Application application, Destination destination, Identity identity) {
        return tokens.judge(visit.snapshot(), application, identity, visit.anonymous(destination), visit.now());
    }

    /**
     * Sends the browser to the application host with a code. If its CF_AppSession is not known, the code could be
     * replayed in another browser; then the browser is sent to the application without a code, which sends it back here
     * with a CF_AppSession, and the global session signs it in silently.
     */
    private Reply toApplication(Visit visit, Destination destination, Identity identity) {
        if (destination.appSession() == null) {
            return replies.redirect(visit, destination.url(visit.snapshot()));
        }
        AuthorizationCode code = new AuthorizationCode(
                seals.random(),
                destination.audience(),
                destination.host(),
                destination.returnTo(),
                destination.appSession(),
                identity.nonce().value(),
                visit.now().plus(CODE_LIFE).getEpochSecond(),
                null);
        return replies.redirect(
                visit, destination.origin(visit.snapshot()) + Authorized.PATH + "?code=" + seals.seal(code));
    }

    /** The organisation's duration, else the application's, else a day; within the limits above. */
    private static Duration globalDuration(Visit visit, Application application) {
        Duration wanted = visit.snapshot().settings().sessionDuration();
        if (wanted == null) {
            wanted = application.sessionDuration().isZero() ? DEFAULT_SESSION : application.sessionDuration();
        }
        return wanted.compareTo(SHORTEST_SESSION) < 0
                ? SHORTEST_SESSION
                : wanted.compareTo(LONGEST_SESSION) > 0 ? LONGEST_SESSION : wanted;
    }

    private static String signedInAs(String email, String provider) {
        return "Signed in as " + email + " with " + provider + ".";
    }

    private static String explain(Reason reason) {
        return switch (reason.code()) {
            case DENIED_BY_POLICY -> "A policy of your organisation keeps this account out.";
            case NO_POLICIES -> "Nobody has been given access to this application yet.";
            case NO_POLICY_MATCHED, LOGIN_REQUIRED, ALLOWED_BY_POLICY, SERVICE_AUTH_BY_POLICY, BYPASSED_BY_POLICY ->
                "No policy of your organisation lets this account in. If that is wrong, ask your administrator.";
        };
    }

    private static String code(Reason reason) {
        return reason.code().word();
    }
}
