package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** The first bytes of a stream over QUIC, which say what it is for. */
public enum StreamSignature {
    /** A proxied request; the version's two digits belong to the signature. */
    DATA(0x0A, 0x36, 0xCD, 0x12, 0xA1, 0x3E, '0', '1'),
    /** An RPC conversation. */
    RPC(0x52, 0xBB, 0x82, 0x5C, 0xDB, 0x65);

    /** Bytes of the longest signature. */
    public static final int LONGEST = 8;

    private static final int VERSION_AT = 6;

    @SuppressWarnings("ImmutableEnumChecker") // written once, handed to nobody
    private final byte[] bytes;

    StreamSignature(int... bytes) {
        this.bytes = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            this.bytes[i] = (byte) bytes[i];
        }
    }

    /** Appends the signature. */
    public void write(ByteBuf out) {
        out.writeBytes(bytes);
    }

    /**
     * Consumes the signature at the head of a stream. Of the version only the presence is checked, as cloudflared does.
     *
     * @return empty while too little has arrived
     * @throws WireRefusal when it is not a known signature
     */
    public static Optional<StreamSignature> read(ByteBuf in) {
        boolean undecided = false;
        for (StreamSignature signature : values()) {
            int have = Math.min(in.readableBytes(), VERSION_AT);
            if (!signature.startsWith(in, have)) {
                continue;
            }
            if (in.readableBytes() >= signature.bytes.length) {
                in.skipBytes(signature.bytes.length);
                return Optional.of(signature);
            }
            undecided = true;
        }
        if (undecided) {
            return Optional.empty();
        }
        throw new WireRefusal("a stream begins with an unknown signature");
    }

    private boolean startsWith(ByteBuf in, int length) {
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
