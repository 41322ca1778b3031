package io.sallyport.connector;

/** How a connection reaches the edge. */
public enum Protocol {
    /** Over UDP. */
    QUIC("quic"),
    /** Over TCP, with the roles swapped. */
    HTTP2("http2");

    private final String word;

    Protocol(String word) {
        this.word = word;
    }

    /** As flags, logs and the edge spell it. */
    public String word() {
        return word;
    }
}
