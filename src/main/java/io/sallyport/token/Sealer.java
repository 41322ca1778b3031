package io.sallyport.token;

import java.util.Optional;

/**
 * Seals small state that travels through a browser, such as a pending login, so that any replica can open it and nobody else:
 * AES-256-GCM under a key derived from the master key, one per purpose.
 */
public final class Sealer {
    Sealer() {}

    /** @param purpose names the kind of state; what one purpose sealed another cannot open */
    public String seal(String purpose, byte[] plain) {
        throw new UnsupportedOperationException("written by the token change");
    }

    /** Empty for anything that was not sealed for this purpose by this deployment. */
    public Optional<byte[]> open(String purpose, String sealed) {
        throw new UnsupportedOperationException("written by the token change");
    }

    /** A keyed hash (HMAC-SHA-256) for values that are compared but must not be guessable at rest, such as one-time PINs (OT-04). */
    public byte[] mac(String purpose, byte[] value) {
        throw new UnsupportedOperationException("written by the token change");
    }
}
