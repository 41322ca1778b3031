package io.sallyport.connector;

/** The transport of a connection to the edge. */
public enum Protocol {
    /** Over UDP. */
    QUIC("quic"),
    /** Over TCP, with the roles swapped. */
    HTTP2("http2");

    private final String word;

    Protocol(String word) {
        this.word = word;
    }

    /** The name in flags, in logs and at the edge. */
    public String word() {
        return word;
    }
}
