package io.sallyport.web;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that went as asked, such as signing out.
 *
 * @param detail one more line, null when there is none
 */
public record Notice(String title, String message, @Nullable String detail, List<Action> actions) {
    /** Copies the actions. */
    public Notice {
        actions = List.copyOf(actions);
    }
}
