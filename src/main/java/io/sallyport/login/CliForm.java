package io.sallyport.login;

/**
 * A command line waits for a person to approve it.
 *
 * @param destination the application it wants a token for
 * @param key its public key, base64url
 * @param session hash of the browser's CF_Session
 * @param person the session of the person who was asked: a sibling host can plant a cookie, but must not make another
 *     person approve
 */
record CliForm(Destination destination, String key, String session, String person, long ends) implements GivenForm {}
