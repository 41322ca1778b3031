package io.sallyport.tunnel.wire;

/**
 * The other end violated the protocol. This is the only exception that parsers of received data throw. It ends the stream or the
 * connection. It has no stack trace, so that a flood of them stays cheap.
 */
public final class WireRefusal extends RuntimeException {
    /** @param message what was wrong, without any of the received bytes */
    public WireRefusal(String message) {
        super(message, null, false, false);
    }
}
