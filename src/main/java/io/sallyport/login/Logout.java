package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.session.SessionCookie;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.Application;
import io.sallyport.token.TokenClaims;
import io.sallyport.web.Action;
import io.sallyport.web.Notice;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code /cdn-cgi/access/logout} on the team domain and on application hosts: ends the person's whole session
 * everywhere and clears the cookies of the host visited. It is a GET for compatibility;
 * the most that a foreign page can do with it is to sign a person out.
 */
final class Logout {
    private static final String PATH = AccessHeaders.RESERVED_PATH + "logout";

    private final Sessions sessions;
    private final SessionLedger ledger;
    private final Replies replies;
    private final LoginEvents events;

    Logout(Sessions sessions, SessionLedger ledger, Replies replies, LoginEvents events) {
        this.sessions = sessions;
        this.ledger = ledger;
        this.replies = replies;
        this.events = events;
    }

    /** Ends the session. */
    Reply leave(Visit visit) {
        Optional<TokenClaims> token = sessions.token(visit);
        boolean onApplication = visit.context().face() == Face.APPLICATION;
        if (token.isEmpty() && onApplication) {
            // Cookies scoped to the application's path do not reach this one; the team domain still knows the session.
            return clear(
                    visit, replies.redirect(visit, visit.snapshot().settings().issuer() + PATH));
        }
        token.ifPresent(claims -> end(visit, claims));
        List<Action> again = onApplication ? List.of(new Action("Sign in again", "/")) : List.of();
        return clear(
                visit,
                replies.page(
                        visit,
                        replies.pages()
                                .notice(
                                        Replies.branding(visit.snapshot().settings()),
                                        new Notice(
                                                "You are signed out",
                                                "Your session has ended in every application."
                                                        + " Other open tabs follow within seconds.",
                                                null,
                                                again))));
    }

    private void end(Visit visit, TokenClaims claims) {
        switch (claims) {
            case TokenClaims.Global global -> {
                ledger.revokeSession(global.nonce());
                events.loggedOut(visit, global.subject(), global.email());
            }
            case TokenClaims.App app -> {
                ledger.revokeSession(app.nonce());
                events.loggedOut(visit, app.subject(), app.email());
            }
            case TokenClaims.Service _,
                    TokenClaims.Workload _,
                    TokenClaims.Certificate _,
                    TokenClaims.Meta _,
                    TokenClaims.Match _,
                    TokenClaims.Evaluation _ -> {
                // There is no session to end.
            }
        }
    }

    private static Reply clear(Visit visit, Reply reply) {
        paths(visit).distinct().forEach(path -> {
            reply.with(SessionCookie.cleared(AccessHeaders.AUTHORIZATION_COOKIE, path));
            if (visit.context().face() == Face.APPLICATION) {
                reply.with(SessionCookie.cleared(AccessHeaders.BINDING_COOKIE, path));
            }
        });
        return reply;
    }

    private static Stream<String> paths(Visit visit) {
        if (visit.context().face() != Face.APPLICATION) {
            return Stream.of("/");
        }
        return Stream.concat(
                Stream.of("/"),
                visit.snapshot().applicationsById().values().stream()
                        .filter(application -> application.cookies().pathScoped())
                        .filter(application -> isOn(visit, application))
                        .map(application -> application.cookies().path()));
    }

    private static boolean isOn(Visit visit, Application application) {
        return application.patterns().stream()
                .anyMatch(pattern -> pattern.matches(
                        visit.context().target().host(), application.cookies().path()));
    }
}
