package io.sallyport.identity;

/** The key of one login's stored identity: the session. At least 128 random bits, base64url (CS-03). */
public record IdentityNonce(String value) {
    @Override
    public String toString() {
        return value;
    }
}
