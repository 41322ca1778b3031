package io.sallyport.login;

/**
 * What the code page carries: which challenge it is about, for whom, and proof that this browser was given the page.
 *
 * @param challenge id of the challenge
 * @param session hash of the CF_Session
 */
record CodeForm(String challenge, String email, Destination destination, String session, long ends)
        implements GivenForm {}
