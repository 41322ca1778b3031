package io.sallyport.tunnel.wire;

import java.security.MessageDigest;

/** What a connector proves itself with. Shows itself to nobody. */
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

    /** The same for all, so that it gives nothing away. */
    @Override
    public int hashCode() {
        return TunnelSecret.class.hashCode();
    }

    @Override
    public String toString() {
        return "TunnelSecret(hidden)";
    }
}
