package io.sallyport.http;

/**
 * Error codes of HTTP/2 resets (RFC 9113 §7) for a stream that passes on what broke off on another one. Only the codes about the
 * request itself are passed on. The others are about one connection, and would mislead the next one's client. A call of gRPC loses
 * nothing by that: it takes all others for an internal error, except one about the origin's TLS.
 */
public final class ResetCodes {
    /** For whatever broke off without a code that may be passed on. */
    public static final long INTERNAL_ERROR = 0x2;

    private static final long REFUSED_STREAM = 0x7;
    private static final long CANCEL = 0x8;
    private static final long ENHANCE_YOUR_CALM = 0xb;

    private ResetCodes() {}

    /** The code for the next stream. */
    public static long passedOn(long code) {
        return code == REFUSED_STREAM || code == CANCEL || code == ENHANCE_YOUR_CALM ? code : INTERNAL_ERROR;
    }
}
