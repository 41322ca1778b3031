package io.sallyport.web;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A person's own sessions.
 *
 * @param passPlaces where app passes can be made; empty hides the form
 * @param wish what the form for app passes begins with
 * @param made the app pass just made, null on every other visit
 * @param notice what was just done, null on a first visit
 * @param token proves that a form was given to this very session
 */
public record AccountView(
        String email,
        @Nullable String name,
        String method,
        List<Session> sessions,
        List<Pass> passes,
        List<PassPlace> passPlaces,
        Wish wish,
        @Nullable NewPass made,
        @Nullable String notice,
        String token,
        String endSession,
        String endAll,
        String makePass,
        String endPass,
        String launcher,
        String signOut) {
    /** Copies the sessions. */
    public AccountView {
        sessions = List.copyOf(sessions);
        passes = List.copyOf(passes);
        passPlaces = List.copyOf(passPlaces);
    }

    /** An app pass the person has. */
    public record Pass(String id, String name, String application, String made, String used, String ends) {}

    /** An application that takes app passes. */
    public record PassPlace(String id, String name) {}

    /**
     * What was entered in the form for app passes.
     *
     * @param app id of the application; an id of none chooses none
     * @param days how long the pass is to last
     * @param refused why there is no pass, null on a first visit
     */
    public record Wish(
            String app, String name, String days, @Nullable String refused) {
        /** Nothing yet. */
        public static final Wish BLANK = new Wish("", "", "90", null);
    }

    /**
     * An app pass just made: the only time its secret is shown.
     *
     * @param header the application's own header for passes, null when it has none
     * @param link opens the application on the device, once
     */
    public record NewPass(
            String application, String secret, @Nullable String header, String link) {
        @Override
        public String toString() {
            return "NewPass[" + application + ", …]";
        }
    }

    /**
     * One browser that is signed in.
     *
     * @param current whether it is the one that looks at the page
     */
    public record Session(String id, String device, String where, String since, boolean current) {}
}
