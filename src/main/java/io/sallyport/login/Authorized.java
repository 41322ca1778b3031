package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.identity.Audience;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.session.AppTokens;
import io.sallyport.session.SessionCookie;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.Application;
import io.sallyport.web.Action;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code /cdn-cgi/access/authorized} on an application host: takes the one-time code of a finished login, asks the policies about
 * this very request, and sets the application cookie (step 5 of "Signing in" in ARCHITECTURE.md).
 */
final class Authorized {
    /** Its address on every application host. */
    static final String PATH = AccessHeaders.RESERVED_PATH + "authorized";

    private final Seals seals;
    private final OneTimeUse once;
    private final SessionLedger ledger;
    private final AppTokens tokens;
    private final Completion completion;
    private final HostTour tour;
    private final Replies replies;

    Authorized(
            Seals seals,
            OneTimeUse once,
            SessionLedger ledger,
            AppTokens tokens,
            Completion completion,
            HostTour tour,
            Replies replies) {
        this.seals = seals;
        this.once = once;
        this.ledger = ledger;
        this.tokens = tokens;
        this.completion = completion;
        this.tour = tour;
        this.replies = replies;
    }

    /** The result of redeeming a code. */
    private sealed interface Redeemed {
        /** @param next where the browser goes next, unless it is on a tour */
        record Cookies(List<String> lines, String next) implements Redeemed {}

        /** @param page the error page, rendered only when it is shown */
        record Nothing(Supplier<Reply> page) implements Redeemed {}
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
        Redeemed redeemed = redeem(visit, code);
        AuthorizationCode.Onward onward = code.onward();
        return switch (redeemed) {
            case Redeemed.Cookies(List<String> lines, String next) -> {
                Reply reply = replies.redirect(visit, onward == null ? next : tour.after(visit, code, onward));
                lines.forEach(reply::with);
                yield reply;
            }
            case Redeemed.Nothing(Supplier<Reply> page) ->
                onward == null ? page.get() : replies.redirect(visit, tour.after(visit, code, onward));
        };
    }

    private Redeemed redeem(Visit visit, AuthorizationCode code) {
        if (!sameBrowser(visit, code)) {
            return refused(visit, code, "This sign-in was started in another browser, or cookies are blocked.");
        }
        Application application = visit.snapshot().applicationsByAudience().get(new Audience(code.audience()));
        Optional<Identity> identity = ledger.recent(new IdentityNonce(code.session()), visit.now());
        if (application == null || identity.isEmpty()) {
            return refused(visit, code, "This sign-in has ended. Open the application again.");
        }
        return admit(visit, application, identity.get(), code);
    }

    private Redeemed admit(Visit visit, Application application, Identity identity, AuthorizationCode code) {
        String binding = application.cookies().binding() ? seals.random() : null;
        AppTokens.Issued issued = tokens.issue(
                visit.snapshot(),
                application,
                identity,
                visit.anonymous(),
                binding == null ? null : Seals.hash(binding),
                visit.now());
        if (!(issued instanceof AppTokens.Issued.Token token)) {
            return once.first(code.id(), code.ends())
                    ? denied(visit, application, identity, code, issued.judged())
                    : completed(visit, code);
        }
        Instant codeEnds = Instant.ofEpochSecond(code.ends());
        // Redeems the code after the cookie is made and before it is sent, so that a second use of the code gets no
        // cookie.
        if (!ledger.redeem(code.id(), codeEnds, identity.nonce(), application.id(), token.expiresAt())) {
            return completed(visit, code);
        }
        Instant until = token.cookieEnd(application);
        List<String> lines = new ArrayList<>();
        lines.add(SessionCookie.application(application, token.compact(), until));
        if (binding != null) {
            lines.add(SessionCookie.binding(application, binding, until));
        }
        // A session that "expires immediately" needs no tour.
        Optional<String> next = until == null ? Optional.empty() : tour.from(visit, application, code);
        return new Redeemed.Cookies(lines, next.orElse(code.returnTo()));
    }

    private static boolean sameBrowser(Visit visit, AuthorizationCode code) {
        return visit.cookies().values(AccessHeaders.APP_SESSION_COOKIE).stream()
                .distinct()
                .anyMatch(value -> Seals.same(Seals.hash(value), code.appSession()));
    }

    private Redeemed denied(
            Visit visit, Application application, Identity identity, AuthorizationCode code, AppTokens.Judged judged) {
        Destination destination =
                new Destination(code.audience(), code.host(), code.returnTo(), code.appSession(), null);
        return new Redeemed.Nothing(() -> completion.denied(visit, application, destination, identity, judged));
    }

    private Redeemed completed(Visit visit, AuthorizationCode code) {
        return refused(visit, code, "This sign-in was already completed.");
    }

    private Redeemed refused(Visit visit, AuthorizationCode code, String message) {
        return new Redeemed.Nothing(() -> invalid(visit, code.returnTo(), message));
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
