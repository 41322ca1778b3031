package io.sallyport.login;

/**
 * What the team domain hands to the application host at the end of a login: sealed, good for a minute, once, and only in the
 * browser that holds the CF_AppSession it was made for.
 *
 * @param id makes it single use
 * @param session the identity nonce
 */
record AuthorizationCode(
        String id, String audience, String host, String returnTo, String appSession, String session, long ends)
        implements Seals.Ending {}
