package io.sallyport.login;

import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.web.Action;
import java.util.List;
import java.util.Optional;

/**
 * {@code /cdn-cgi/access/callback}: every provider redirects here. The sealed state names the provider, and the code is
 * sent to that provider's token endpoint only (OI-03).
 */
final class Callback {
    private static final int LONGEST_WORD = 200;

    private final Seals seals;
    private final OneTimeUse once;
    private final Providers providers;
    private final Completion completion;
    private final Replies replies;
    private final LoginEvents events;
    private final FailedSignIn failed;

    Callback(
            Seals seals,
            OneTimeUse once,
            Providers providers,
            Completion completion,
            Replies replies,
            LoginEvents events,
            FailedSignIn failed) {
        this.seals = seals;
        this.once = once;
        this.providers = providers;
        this.completion = completion;
        this.replies = replies;
        this.events = events;
        this.failed = failed;
    }

    /** Answers a visit to the callback URL. */
    Reply receive(Visit visit) {
        return receive(visit, visit.query("state"));
    }

    /** Whether a state is one of ours and has not expired. */
    boolean knows(Visit visit, String state) {
        return seals.open(PendingLogin.class, state, visit.now()).isPresent();
    }

    /** Answers a response with this state, received by redirect or by post. */
    Reply receive(Visit visit, Optional<String> returned) {
        Optional<PendingLogin> opened = returned.flatMap(state -> seals.open(PendingLogin.class, state, visit.now()));
        if (opened.isEmpty()) {
            events.failed(visit, null, null, null, "invalid_state");
            return invalid(
                    visit, "This sign-in has ended or was not started here. Open the application again.", List.of());
        }
        PendingLogin pending = opened.get();
        Optional<Application> application = pending.destination().application(visit.snapshot());
        IdentityProvider provider = visit.snapshot().identityProviders().get(IdpId.of(pending.provider()));
        List<Action> again =
                List.of(new Action("Try again", pending.destination().loginPath(null)));
        if (application.isEmpty() || provider == null || !LoginMethods.allowed(application.get(), provider.id())) {
            events.failed(visit, application.orElse(null), null, null, "method_not_allowed");
            return invalid(visit, "This way to sign in is no longer offered.", again);
        }
        IdpRef reference = new IdpRef(provider.id(), provider.type());
        if (LoginSession.matching(visit, pending.session()).isEmpty()) {
            events.failed(visit, application.get(), reference, null, "invalid_session");
            return invalid(visit, "This sign-in was started in another browser, or cookies are blocked.", again);
        }
        if (!once.first(pending.id(), pending.ends())) {
            events.failed(visit, application.get(), reference, null, "state_replayed");
            return invalid(visit, "This sign-in was already completed.", again);
        }
        ProvenIdentity proven;
        try {
            proven = providers.finish(visit, provider, pending);
        } catch (ProviderFailure failure) {
            return failed.reply(visit, application.get(), pending.destination(), provider, failure);
        }
        return completion.login(visit, application.get(), pending.destination(), proven);
    }

    private Reply invalid(Visit visit, String message, List<Action> next) {
        return replies.problem(visit, 400, "invalid_session", "Invalid session", message, next);
    }

    /** Makes a text from outside safe for logs and pages: printable, on one line, and short (OI-12, LO-02). */
    static String shorten(String text) {
        String line = text.replaceAll("\\p{C}+", " ").strip();
        return line.length() <= LONGEST_WORD ? line : line.substring(0, LONGEST_WORD) + "…";
    }
}
