package io.sallyport.connector;

import io.sallyport.http.ResetCodes;

/**
 * Written to a stream whose response has begun and cannot be completed: the edge must see that it is broken, not take it for a short
 * one.
 *
 * @param code of the reset, as in HTTP/2; over QUIC it is the stream's application error code, which cloudflared always sets to 0
 */
record StreamAbort(long code) {
    /** Without a reason that the visitor's client could use. */
    static final StreamAbort BROKEN = new StreamAbort(ResetCodes.INTERNAL_ERROR);
}
