package io.sallyport.gateway;

import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionState;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about somebody at the door, and by which question.
 *
 * @param presented with the new token, where one was issued
 * @param asked what the policies were asked
 * @param cookie hands the browser its new token, null when there is none
 */
record Ruling(
        SessionState session,
        Presented presented,
        AccessRequest asked,
        Decision decision,
        @Nullable String cookie) {
    /** A decision from memory, which hands out nothing. */
    static Ruling of(SessionState session, Presented presented, AccessRequest asked, Decision decision) {
        return new Ruling(session, presented, asked, decision, null);
    }
}
