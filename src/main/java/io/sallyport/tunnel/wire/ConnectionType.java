package io.sallyport.tunnel.wire;

/** What a data stream over QUIC carries; the order is that of the schema. */
public enum ConnectionType {
    /** An HTTP request. */
    HTTP,
    /** A WebSocket: a request that goes on as raw bytes. */
    WEBSOCKET,
    /** Raw TCP to an address in the private network. */
    TCP
}
