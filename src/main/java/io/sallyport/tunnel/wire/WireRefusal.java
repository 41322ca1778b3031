package io.sallyport.tunnel.wire;

/**
 * The other end sent something that it must not send. The only exception that reading from the wire throws; it ends the stream or
 * the connection it happened on, and carries no stack trace because a flood of them must stay cheap.
 */
public final class WireRefusal extends RuntimeException {
    /** @param message what was wrong, without any of the bytes */
    public WireRefusal(String message) {
        super(message, null, false, false);
    }
}
