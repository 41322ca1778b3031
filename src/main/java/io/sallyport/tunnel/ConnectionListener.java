package io.sallyport.tunnel;

/** Told what becomes of connections, on their event loops; must be quick and wait for nothing. */
interface ConnectionListener {
    /** It is in service. */
    void registered(TunnelConnection connection);

    /** It is gone. */
    void gone(TunnelConnection connection, String reason);

    /** A request over it got no good answer; the connection itself lives on. */
    default void failed(TunnelConnection connection, TunnelFailure failure) {}

    /** Somebody without a right wanted in. */
    default void refused() {}

    /** Its connector applies this version of the pushed configuration. */
    default void configured(TunnelConnection connection, int version) {}

    /** Its connector told the rules of its own file. */
    default void localConfiguration(TunnelConnection connection, String json) {}
}
