package io.sallyport.login;

import io.sallyport.identity.IdpRef;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.web.Action;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page and log line of a failed sign-in at a provider: what happened, what to do about it, and the id under which
 * it is logged.
 */
final class FailedSignIn {
    private static final Logger LOG = LoggerFactory.getLogger(FailedSignIn.class);

    private final Replies replies;
    private final LoginEvents events;

    FailedSignIn(Replies replies, LoginEvents events) {
        this.replies = replies;
        this.events = events;
    }

    /** @param next what the person can do from here */
    Reply reply(
            Visit visit,
            Application application,
            IdentityProvider provider,
            ProviderFailure failure,
            List<Action> next) {
        String what = Callback.shorten(String.valueOf(failure.getMessage()));
        events.failed(visit, application, new IdpRef(provider.id(), provider.type()), null, failure.code());
        LOG.warn(
                "login at {} failed: {}: {} (ray {})",
                provider.id(),
                failure.code(),
                what,
                visit.context().ray());
        return replies.problem(
                visit,
                status(failure.code()),
                failure.code(),
                "Sign-in with " + provider.name() + " did not work",
                what + advice(failure.code()),
                next);
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
            case "provider_unreachable" -> " Try again in a moment, or sign in another way.";
            case "email_missing",
                    "email_ambiguous",
                    "email_not_verified",
                    "email_verified_missing",
                    "wrong_domain",
                    "method_not_allowed" -> "";
            case "sign_in_declined" -> " Try again, or sign in another way.";
            default -> " Try again; if it happens again, tell your administrator the Ray ID below.";
        };
    }
}
