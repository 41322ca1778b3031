package io.sallyport.login;

/**
 * What the hidden field of the address form holds: where the login leads, and proof that this browser was given the form.
 *
 * @param session hash of the CF_Session
 */
record PinForm(Destination destination, String session, long ends) implements GivenForm {}
