package io.sallyport.web;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A person's own sessions.
 *
 * @param notice what was just done, null on a first visit
 * @param token proves that a form was given to this very session
 */
public record AccountView(
        String email,
        @Nullable String name,
        String method,
        List<Session> sessions,
        @Nullable String notice,
        String token,
        String endSession,
        String endAll,
        String launcher,
        String signOut) {
    /** Copies the sessions. */
    public AccountView {
        sessions = List.copyOf(sessions);
    }

    /**
     * One browser that is signed in.
     *
     * @param current whether it is the one that looks at the page
     */
    public record Session(String id, String device, String where, String since, boolean current) {}
}
