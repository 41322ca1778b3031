package io.sallyport.tunnel;

/** Receives events of connections, on their event loops; must not block. */
interface ConnectionListener {
    /** The connection has registered. */
    void registered(TunnelConnection connection);

    /** The connection has closed. */
    void gone(TunnelConnection connection, String reason);

    /** A request over the connection failed; the connection itself stays open. */
    default void failed(TunnelConnection connection, TunnelFailure failure) {}

    /** A registration was refused. */
    default void refused() {}

    /** The connector reports that it applied this version of the pushed configuration. */
    default void configured(TunnelConnection connection, int version) {}

    /** The connector sent the rules of its local configuration file. */
    default void localConfiguration(TunnelConnection connection, String json) {}
}
