package io.sallyport.tunnel.wire;

/** Why a call could not be answered, or a conversation could not go on. */
public record RpcFailure(Kind kind, String reason) {
    /** The kinds of rpc.capnp, in its order. */
    public enum Kind {
        /** It did not work. */
        FAILED,
        /** Not now. */
        OVERLOADED,
        /** The connection is gone. */
        DISCONNECTED,
        /** There is no such method. */
        UNIMPLEMENTED
    }

    /** The normal goodbye, in cloudflared's words. */
    static final RpcFailure SHUTDOWN = new RpcFailure(Kind.FAILED, "rpc: shutdown");
}
