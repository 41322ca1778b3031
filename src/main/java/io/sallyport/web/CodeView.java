package io.sallyport.web;

import org.jspecify.annotations.Nullable;

/**
 * The page that asks for a one-time PIN. Says the same whether or not a mail was sent (OT-01).
 *
 * @param action where the code goes
 * @param token names the challenge and proves that this browser was given the form
 * @param resendAction where a request for a new code goes
 * @param resendToken proves that this browser was given that form
 * @param restart the login page, to use another address
 * @param digits how many digits a code has
 * @param minutes how long it is valid
 * @param error what was wrong with the last try, null on a first visit
 * @param usable false when no further try can succeed, so that only a new code is offered
 */
public record CodeView(
        String applicationName,
        String email,
        String action,
        String token,
        String resendAction,
        String resendToken,
        String restart,
        int digits,
        long minutes,
        @Nullable String error,
        boolean usable) {}
