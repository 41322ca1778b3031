package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.identity.Audience;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.policy.Decision;
import io.sallyport.session.AppTokens;
import io.sallyport.session.SessionCookie;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.Application;
import io.sallyport.web.Action;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * {@code /cdn-cgi/access/authorized} on an application host: takes the one-time code of a finished login, asks the policies about
 * this very request, and sets the application cookie (spec/access-semantics.md §7.3, step 5).
 */
final class Authorized {
    private final Seals seals;
    private final OneTimeUse once;
    private final SessionLedger ledger;
    private final AppTokens tokens;
    private final Completion completion;
    private final Replies replies;

    Authorized(
            Seals seals,
            OneTimeUse once,
            SessionLedger ledger,
            AppTokens tokens,
            Completion completion,
            Replies replies) {
        this.seals = seals;
        this.once = once;
        this.ledger = ledger;
        this.tokens = tokens;
        this.completion = completion;
        this.replies = replies;
    }

    /** Answers the browser that comes back from the team domain. */
    Reply receive(Visit visit) {
        Optional<AuthorizationCode> opened = visit.query("code")
                .flatMap(code -> seals.open(AuthorizationCode.class, code, visit.now()))
                .filter(code ->
                        code.host().equals(visit.context().target().host().value()));
        if (opened.isEmpty()) {
            return invalid(visit, "/", "This sign-in has ended. Open the application again.");
        }
        AuthorizationCode code = opened.get();
        if (!sameBrowser(visit, code)) {
            return invalid(
                    visit, code.returnTo(), "This sign-in was started in another browser, or cookies are blocked.");
        }
        if (!once.first(code.id(), code.ends(), visit.now())) {
            return invalid(visit, code.returnTo(), "This sign-in was already completed.");
        }
        Application application = visit.snapshot().applicationsByAudience().get(new Audience(code.audience()));
        Optional<Identity> identity = ledger.find(new IdentityNonce(code.session()), visit.now());
        if (application == null || identity.isEmpty()) {
            return invalid(visit, code.returnTo(), "This sign-in has ended. Open the application again.");
        }
        return admit(visit, application, identity.get(), code);
    }

    private Reply admit(Visit visit, Application application, Identity identity, AuthorizationCode code) {
        String binding = application.cookies().binding() ? seals.random() : null;
        AppTokens.Issued issued = tokens.issue(
                visit.snapshot(),
                application,
                identity,
                visit.anonymous(),
                binding == null ? null : Seals.hash(binding),
                visit.now());
        String compact = issued.compact();
        Instant expires = issued.expiresAt();
        if (!(issued.decision() instanceof Decision.Permit permit) || compact == null || expires == null) {
            Destination destination =
                    new Destination(code.audience(), code.host(), code.returnTo(), code.appSession(), null);
            return completion.denied(visit, application, destination, identity, issued);
        }
        ledger.touch(identity.nonce(), application.id(), expires);
        boolean once =
                permit.sessionDuration().orElse(application.sessionDuration()).isZero();
        // "Expires immediately" is a session cookie (§6.1); everything else says when it ends.
        Instant until = once ? null : expires;
        Reply reply =
                replies.redirect(visit, code.returnTo()).with(SessionCookie.application(application, compact, until));
        return binding == null ? reply : reply.with(SessionCookie.binding(application, binding, until));
    }

    private static boolean sameBrowser(Visit visit, AuthorizationCode code) {
        return visit.cookies().values(AccessHeaders.APP_SESSION_COOKIE).stream()
                .distinct()
                .limit(8)
                .anyMatch(value -> Seals.same(Seals.hash(value), code.appSession()));
    }

    private Reply invalid(Visit visit, String returnTo, String message) {
        return replies.problem(
                visit,
                400,
                "invalid_session",
                "Invalid session",
                message,
                List.of(new Action("Open the application", returnTo)));
    }
}
