package io.sallyport.login;

/**
 * The hidden field of the address form: the login's destination, and proof that this browser was given the form.
 *
 * @param session hash of the CF_Session
 */
record PinForm(Destination destination, String session, long ends) implements GivenForm {}
