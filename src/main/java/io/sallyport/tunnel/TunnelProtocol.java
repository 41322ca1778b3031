package io.sallyport.tunnel;

/** The transport of a connector's connection. */
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
