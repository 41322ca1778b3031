package io.sallyport.tunnel;

/** The transport of a connector's connection. */
public enum TunnelProtocol {
    /** TCP, TLS, HTTP/2 with roles reversed. Stream ids run out after 2^30 requests (RFC 9113 §5.1.1). */
    HTTP2("http2", 1_000_000_000),
    /** UDP. The QUIC library keeps the id of each ended stream, some 10 to 20 bytes at both ends, until the connection ends. */
    QUIC("quic", 500_000);

    private final String word;
    private final long mostRequests;

    TunnelProtocol(String word, long mostRequests) {
        this.word = word;
        this.mostRequests = mostRequests;
    }

    /** As cloudflared and the API spell it. */
    String word() {
        return word;
    }

    /** A connection should be replaced after a number of requests between half of this and this. */
    long mostRequests() {
        return mostRequests;
    }
}
