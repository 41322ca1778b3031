package io.sallyport.login;

/**
 * A login under way at a provider: the {@code state} parameter, sealed, so that any replica can finish it (OI-01).
 *
 * @param id makes it single use
 * @param provider the provider the code will be redeemed at, and no other (OI-03)
 * @param verifier PKCE, empty when the provider entry has it off
 * @param session hash of the CF_Session of the browser that began it
 */
record PendingLogin(
        String id, String provider, String nonce, String verifier, Destination destination, String session, long ends)
        implements Seals.Ending {}
