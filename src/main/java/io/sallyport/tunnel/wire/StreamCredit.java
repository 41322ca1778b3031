package io.sallyport.tunnel.wire;

/**
 * The flow-control limit of a whole QUIC connection (RFC 9000 §4.1): practically none, because each stream has a window of its own.
 * A limit for the connection would be used up by streams that nobody reads, and then block all others. A high limit does not help:
 * when that many bytes have been sent, the QUIC library replaces it by a window of at most 24 MB.
 */
public final class StreamCredit {
    /** The largest number that QUIC can encode (RFC 9000 §16). */
    public static final long OF_A_CONNECTION = (1L << 62) - 1;

    private StreamCredit() {}
}
