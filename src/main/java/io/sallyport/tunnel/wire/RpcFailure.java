package io.sallyport.tunnel.wire;

/** Why a call could not be answered, or a conversation could not go on. */
public record RpcFailure(Kind kind, String reason) {
    /** The kinds of rpc.capnp, by its numbers. */
    public enum Kind {
        /** The call failed. */
        FAILED(0),
        /** Temporarily not possible. */
        OVERLOADED(1),
        /** The connection is gone. */
        DISCONNECTED(2),
        /** There is no such method. */
        UNIMPLEMENTED(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** The normal end of a conversation, with cloudflared's text. */
    static final RpcFailure SHUTDOWN = new RpcFailure(Kind.FAILED, "rpc: shutdown");
}
