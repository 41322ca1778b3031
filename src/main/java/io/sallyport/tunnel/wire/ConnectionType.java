package io.sallyport.tunnel.wire;

/** What a data stream over QUIC carries; the numbers are the schema's. */
public enum ConnectionType {
    /** An HTTP request. */
    HTTP(0),
    /** A WebSocket: a request that goes on as raw bytes. */
    WEBSOCKET(1),
    /** Raw TCP to an address in the private network. */
    TCP(2);

    private final int code;

    ConnectionType(int code) {
        this.code = code;
    }

    /** @throws WireRefusal when the schema has no such type */
    static ConnectionType of(int code) {
        for (ConnectionType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new WireRefusal("a request is of an unknown type");
    }

    int code() {
        return code;
    }
}
