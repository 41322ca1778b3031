package io.sallyport.tunnel.wire;

/**
 * What the other end of a QUIC connection may send before it is read (RFC 9000 §4.1). Each stream has a window; all of them together
 * have no bound of their own. A bound would be used up by those who take nothing, and then nobody else is heard. However high it
 * is, it only lasts for its first bytes: from then on QUIC's library lets 24 MB stand open at most.
 */
public final class StreamCredit {
    /** The largest number that QUIC can write (RFC 9000 §16). */
    public static final long OF_A_CONNECTION = (1L << 62) - 1;

    private StreamCredit() {}
}
