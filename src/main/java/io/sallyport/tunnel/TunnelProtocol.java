package io.sallyport.tunnel;

/** How a connector is connected. */
public enum TunnelProtocol {
    /** TCP, TLS, HTTP/2 with roles reversed. */
    HTTP2("http2"),
    /** UDP. */
    QUIC("quic");

    private final String word;

    TunnelProtocol(String word) {
        this.word = word;
    }

    /** As cloudflared and the API spell it. */
    public String word() {
        return word;
    }
}
