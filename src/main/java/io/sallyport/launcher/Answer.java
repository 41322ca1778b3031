package io.sallyport.launcher;

import io.sallyport.web.Page;

/** What the portal answers. */
sealed interface Answer {
    /** A page. */
    record Rendered(Page page) implements Answer {}

    /** On to somewhere else, by GET. */
    record Redirect(String location) implements Answer {}

    /** The portal's script. */
    record Script() implements Answer {}

    static Answer page(Page page) {
        return new Rendered(page);
    }

    static Answer redirect(String location) {
        return new Redirect(location);
    }
}
