package io.sallyport.login;

import org.jspecify.annotations.Nullable;

/**
 * What the code page carries: which challenge it is about, for whom, and proof that this browser was given the page.
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
    /** The same after a try. */
    CodeForm after(PinChallenges.Try outcome) {
        return new CodeForm(challenge, email, destination, session, ends, outcome);
    }
}
