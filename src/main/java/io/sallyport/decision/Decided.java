package io.sallyport.decision;

import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.snapshot.Application;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A decision with all its inputs. Contains the compiled application, so that the decision can be explained later by
 * exactly the policies that made it.
 *
 * @param ray the request's id, on the page and in the log
 * @param version of the configuration that decided
 * @param asked the request as the policies saw it
 * @param decision what they answered
 * @param outcome the outcome of the request; differs from the decision where something other than the policies refused
 *     it
 * @param reason why, a stable lower-case word
 * @param session the session's state: {@code present}, {@code absent}, {@code expired}, {@code rejected: …}
 * @param place where it was decided
 */
public record Decided(
        Instant at,
        String ray,
        long version,
        Application application,
        AccessRequest asked,
        Decision decision,
        Outcome outcome,
        String reason,
        String session,
        Place place,
        String method,
        String host,
        String path,
        @Nullable UserId user,
        @Nullable IdentityNonce nonce) {
    /** The outcome of a request. */
    public enum Outcome {
        ALLOWED,
        DENIED,
        LOGIN_REQUIRED
    }

    /** Where it was decided. */
    public enum Place {
        /** On the way to the application. */
        GATE,
        /** At the end of a login. */
        LOGIN
    }
}
