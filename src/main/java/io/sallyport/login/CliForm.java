package io.sallyport.login;

/**
 * A command line waits for a person to approve it.
 *
 * @param destination the application it wants a token for
 * @param key its public key, base64url
 * @param session hash of the browser's CF_Session
 */
record CliForm(Destination destination, String key, String session, long ends) implements Seals.Ending {}
