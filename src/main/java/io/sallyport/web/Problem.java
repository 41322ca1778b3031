package io.sallyport.web;

import org.jspecify.annotations.Nullable;

/**
 * A problem to report to a visitor: as a page for browsers, and as JSON for programs.
 *
 * @param status HTTP status
 * @param code stable lower-case name: {@code no_such_host}, {@code forbidden}, {@code identity_denied}, {@code
 *     origin_unreachable}
 * @param title a few words
 * @param message what happened and what to do, in plain text
 * @param ray our request id
 * @param detail one more line, for instance who was signed in or which policy refused; null when there is none
 */
public record Problem(
        int status,
        String code,
        String title,
        String message,
        String ray,
        @Nullable String detail) {}
