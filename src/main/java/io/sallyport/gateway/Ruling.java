package io.sallyport.gateway;

import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionState;
import org.jspecify.annotations.Nullable;

/**
 * A decision about a request, with what the policies were asked.
 *
 * @param presented with the new token, where one was issued
 * @param asked what the policies were asked
 * @param cookie the Set-Cookie value with the new token; null when none was issued
 */
record Ruling(
        SessionState session,
        Presented presented,
        AccessRequest asked,
        Decision decision,
        @Nullable String cookie) {
    /** A decision without a new token. */
    static Ruling of(SessionState session, Presented presented, AccessRequest asked, Decision decision) {
        return new Ruling(session, presented, asked, decision, null);
    }
}
