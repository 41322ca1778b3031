package io.sallyport.launcher;

import io.sallyport.http.AccessHeaders;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.session.GlobalSession;
import io.sallyport.session.OwnSessions;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.web.AccountView;
import io.sallyport.web.Action;
import io.sallyport.web.FetchMetadata;
import io.sallyport.web.Pages;
import io.sallyport.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** {@code /account} on the team domain: where a person is signed in, and how to end it. */
final class Account {
    static final String PATH = "/account";
    static final String END_SESSION = PATH + "/end-session";
    static final String END_ALL = PATH + "/sign-out-everywhere";
    static final String MAKE_PASS = PATH + "/make-app-pass";
    static final String END_PASS = PATH + "/revoke-app-pass";

    private static final String DONE = "done";

    private final GlobalSession sessions;
    private final OwnSessions own;
    private final OwnPasses passes;
    private final FormTokens tokens;
    private final Pages pages;

    Account(GlobalSession sessions, OwnSessions own, OwnPasses passes, FormTokens tokens, Pages pages) {
        this.sessions = sessions;
        this.own = own;
        this.passes = passes;
        this.tokens = tokens;
        this.pages = pages;
    }

    /** Answers a visit to the account page. */
    Answer show(Guest guest) {
        return person(guest)
                .map(person -> page(guest, person, AccountView.Wish.BLANK, null, notice(guest)))
                .orElseGet(() -> Answer.redirect("/"));
    }

    private Answer page(
            Guest guest,
            Identity person,
            AccountView.Wish wish,
            AccountView.@Nullable NewPass made,
            @Nullable String notice) {
        return Answer.page(pages.account(
                Portal.branding(
                        guest.snapshot(),
                        guest.snapshot().launcher().map(Application::launcher).orElse(null)),
                view(guest, person, wish, made, notice)));
    }

    /** {@code POST}: makes an app pass and shows it, this once. */
    Answer makePass(Guest guest) {
        return change(guest, (asking, person) -> switch (passes.make(asking, person)) {
            case OwnPasses.Outcome.Made(AccountView.NewPass made) ->
                page(asking, person, AccountView.Wish.BLANK, made, null);
            case OwnPasses.Outcome.Refused(String why) -> page(asking, person, wish(asking, why), null, null);
        });
    }

    /** Keeps what was entered, so that it need not be entered again. */
    private static AccountView.Wish wish(Guest guest, String why) {
        return new AccountView.Wish(
                guest.form("app").orElse(""),
                guest.form("name").orElse(""),
                guest.form("days").orElse(""),
                why);
    }

    /** {@code POST}: ends one of the person's app passes. */
    Answer endPass(Guest guest) {
        return change(
                guest, (asking, person) -> Answer.redirect(PATH + (passes.end(asking, person) ? "?done=pass" : "")));
    }

    /** {@code POST}: ends one of the person's sessions. */
    Answer endSession(Guest guest) {
        return change(guest, (asking, person) -> {
            Optional<String> session = asking.form("session");
            boolean ended = session.isPresent() && own.end(person.user(), new IdentityNonce(session.get()));
            return Answer.redirect(PATH + (ended ? "?done=session" : ""));
        });
    }

    /** {@code POST}: ends all of them; the page that follows says so. */
    Answer endAll(Guest guest) {
        return change(guest, (asking, person) -> {
            own.endAll(person.user(), asking.now());
            return Answer.redirect(AccessHeaders.RESERVED_PATH + "logout");
        });
    }

    private Answer change(Guest guest, BiFunction<Guest, Identity, Answer> action) {
        Optional<Identity> person = person(guest);
        if (person.isEmpty()) {
            return Answer.redirect("/");
        }
        if (FetchMetadata.isForeignForm(guest.headers())
                || !tokens.fits(person.get().nonce(), guest.form("token"))) {
            return Answer.page(pages.problem(
                    Portal.branding(guest.snapshot(), null),
                    new Problem(
                            403,
                            "foreign_form",
                            "This page has ended",
                            "Nothing was changed. Open your account page again and repeat what you wanted to do.",
                            guest.context().ray(),
                            null),
                    List.of(new Action("Your account", PATH))));
        }
        return action.apply(guest, person.get());
    }

    private Optional<Identity> person(Guest guest) {
        return sessions.person(guest.snapshot(), guest.authorizationCookies(), guest.now());
    }

    private AccountView view(
            Guest guest,
            Identity person,
            AccountView.Wish wish,
            AccountView.@Nullable NewPass made,
            @Nullable String notice) {
        IdentityProvider provider =
                guest.snapshot().identityProviders().get(person.idp().id());
        return new AccountView(
                person.email().value(),
                person.name(),
                provider == null ? person.idp().type() : provider.name(),
                own.of(person.user(), guest.now()).stream()
                        .map(open -> session(open, person, guest.now()))
                        .toList(),
                passes.of(guest, person),
                OwnPasses.places(guest, person),
                wish,
                made,
                notice,
                tokens.of(person.nonce()),
                END_SESSION,
                END_ALL,
                MAKE_PASS,
                END_PASS,
                "/",
                AccessHeaders.RESERVED_PATH + "logout");
    }

    private static @Nullable String notice(Guest guest) {
        return switch (guest.query(DONE).orElse("")) {
            case "session" -> "That session has ended. It closes in every application within seconds.";
            case "pass" -> "That app pass is revoked. It opens nothing any more.";
            default -> null;
        };
    }

    private static AccountView.Session session(OwnSessions.Open open, Identity person, Instant now) {
        String device = open.device();
        String ip = open.ip() == null ? "unknown address" : open.ip();
        return new AccountView.Session(
                open.nonce().value(),
                device == null ? "Unknown device" : device,
                open.country() == null ? ip : ip + " (" + open.country() + ")",
                ago(Duration.between(open.since(), now)),
                open.nonce().equals(person.nonce()));
    }

    /** In words, because the browser's time zone is not known here. */
    static String ago(Duration age) {
        if (age.toMinutes() < 1) {
            return "just now";
        }
        if (age.toHours() < 1) {
            return count(age.toMinutes(), "minute");
        }
        return age.toDays() < 1 ? count(age.toHours(), "hour") : count(age.toDays(), "day");
    }

    private static String count(long number, String unit) {
        return number + " " + unit + (number == 1 ? "" : "s") + " ago";
    }
}
