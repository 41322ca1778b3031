package io.sallyport.web;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to be told that is no problem: mostly that it went as asked, such as signing out.
 *
 * @param detail one more line, null when there is none
 * @param done whether something was done, which gets a tick
 */
public record Notice(String title, String message, @Nullable String detail, List<Action> actions, boolean done) {
    /** Copies the actions. */
    public Notice {
        actions = List.copyOf(actions);
    }

    /** Something went as asked. */
    public Notice(String title, String message, @Nullable String detail, List<Action> actions) {
        this(title, message, detail, actions, true);
    }

    /** Something to know or to decide; nothing was done yet. */
    public static Notice plain(String title, String message, List<Action> actions) {
        return new Notice(title, message, null, actions, false);
    }
}
