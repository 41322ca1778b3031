package io.sallyport.login;

import io.sallyport.identity.IdpRef;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.web.Action;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page and log line of a failed sign-in at a provider: what happened, what to do about it, and the id under which
 * it is logged. The log knows more than the page: which provider, and what the network said.
 */
final class FailedSignIn {
    private static final Logger LOG = LoggerFactory.getLogger(FailedSignIn.class);

    private static final String OTHERS = " The other ways to sign in still work.";

    private final Replies replies;
    private final LoginEvents events;
    private final MailQueue mails;

    FailedSignIn(Replies replies, LoginEvents events, MailQueue mails) {
        this.replies = replies;
        this.events = events;
        this.mails = mails;
    }

    /** With the way back: to the same provider, and to the others where there are any. */
    Reply reply(
            Visit visit,
            Application application,
            Destination destination,
            IdentityProvider provider,
            ProviderFailure failure) {
        String choice = destination.loginPath(null);
        boolean others =
                LoginMethods.of(visit.snapshot(), application, mails.works()).others(provider.id());
        List<Action> next = others
                ? List.of(
                        new Action("Try again", choice + "&" + Login.PROVIDER + "=" + provider.id()),
                        new Action("Sign in another way", choice))
                : List.of(new Action("Try again", choice));
        return reply(visit, application, provider, failure, others, next);
    }

    /** @param next what the person can do from here */
    Reply reply(
            Visit visit,
            Application application,
            IdentityProvider provider,
            ProviderFailure failure,
            List<Action> next) {
        return reply(visit, application, provider, failure, false, next);
    }

    private Reply reply(
            Visit visit,
            Application application,
            IdentityProvider provider,
            ProviderFailure failure,
            boolean others,
            List<Action> next) {
        String what = Callback.shorten(String.valueOf(failure.getMessage()));
        events.failed(visit, application, new IdpRef(provider.id(), provider.type()), null, failure.code());
        LOG.warn(
                "login at {} ({}) failed: {}: {}{} (ray {})",
                Callback.shorten(provider.name()),
                provider.id(),
                failure.code(),
                what,
                network(failure),
                visit.context().ray());
        return replies.problem(
                visit,
                status(failure.code()),
                failure.code(),
                "Sign-in with " + provider.name() + " did not work",
                what + advice(failure.code()) + (others ? OTHERS : ""),
                next);
    }

    /** What the network said, which names hosts and no secrets; other causes may quote what was sent. */
    private static String network(ProviderFailure failure) {
        Throwable last = null;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            last = cause instanceof IOException ? cause : last;
        }
        return last == null ? "" : " [" + Callback.shorten(String.valueOf(last.getMessage())) + "]";
    }

    private static int status(String code) {
        return switch (code) {
            case "provider_unreachable", "provider_misconfigured" -> 502;
            default -> 400;
        };
    }

    /** What the person can do, unless the message says so already. */
    static String advice(String code) {
        return switch (code) {
            case "provider_unreachable" -> " Try again in a moment.";
            case "email_missing",
                    "email_ambiguous",
                    "email_not_verified",
                    "email_verified_missing",
                    "wrong_domain",
                    "method_not_allowed" -> "";
            case "answer_too_large", "saml_too_large" ->
                " Tell your administrator the Ray ID below: the provider has to send less, such as fewer groups.";
            case "sign_in_declined" -> " Try again.";
            default -> " Try again; if it happens again, tell your administrator the Ray ID below.";
        };
    }
}
