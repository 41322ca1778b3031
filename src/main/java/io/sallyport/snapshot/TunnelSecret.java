package io.sallyport.snapshot;

import java.security.MessageDigest;

/** What the connectors of a tunnel prove themselves by. Gives itself away to no log, only answers whether a guess was right. */
public final class TunnelSecret {
    private final byte[] bytes;

    /** Copies the secret. */
    public TunnelSecret(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** Compares in constant time (TU-01). */
    public boolean matches(byte[] presented) {
        return MessageDigest.isEqual(bytes, presented);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TunnelSecret other && matches(other.bytes);
    }

    @Override
    public int hashCode() {
        return TunnelSecret.class.hashCode();
    }

    @Override
    public String toString() {
        return "TunnelSecret[…]";
    }
}
