package io.sallyport.tunnel.wire;

import java.security.MessageDigest;

/** The secret by which a connector proves that it may run a tunnel. Its {@code toString} does not reveal it. */
public final class TunnelSecret {
    private final byte[] bytes;

    /** Copies the bytes. */
    public TunnelSecret(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** The raw bytes, for the registration message, the token and the credentials file. */
    public byte[] exposeSecretBytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TunnelSecret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    /** The same for all secrets, so that it reveals nothing. */
    @Override
    public int hashCode() {
        return TunnelSecret.class.hashCode();
    }

    @Override
    public String toString() {
        return "TunnelSecret(hidden)";
    }
}
