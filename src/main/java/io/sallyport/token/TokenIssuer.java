package io.sallyport.token;

/** Signs tokens: RS256, {@code kid}, {@code typ} JWT, claims to the letter of spec/access-semantics.md §8. */
public final class TokenIssuer {
    private TokenIssuer() {}

    /**
     * Signs with the key that is current at {@code claims.issuedAt()}.
     *
     * @param issuer scheme and auth domain, no trailing slash
     */
    public static String sign(KeyRing keys, String issuer, TokenClaims claims) {
        throw new UnsupportedOperationException("written by the token change");
    }
}
