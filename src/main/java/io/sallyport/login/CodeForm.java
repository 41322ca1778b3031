package io.sallyport.login;

import org.jspecify.annotations.Nullable;

/**
 * The hidden field of the page that asks for a code: the challenge, whom it is for, and proof that this browser was
 * given the page.
 *
 * @param challenge id of the challenge
 * @param session hash of the CF_Session
 * @param outcome how the last try ended; null when none was made yet
 */
record CodeForm(
        String challenge,
        String email,
        Destination destination,
        String session,
        long ends,
        PinChallenges.@Nullable Try outcome)
        implements GivenForm {
    /** A copy with the outcome of a try. */
    CodeForm after(PinChallenges.Try outcome) {
        return new CodeForm(challenge, email, destination, session, ends, outcome);
    }
}
