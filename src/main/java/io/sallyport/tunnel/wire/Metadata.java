package io.sallyport.tunnel.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.capnproto.StructList;

/** A key and a value beside a request or response over QUIC. */
public record Metadata(String key, String value) {
    /** The method of a request. */
    public static final String METHOD = "HttpMethod";
    /** The host of a request. */
    public static final String HOST = "HttpHost";
    /** The status of a response. */
    public static final String STATUS = "HttpStatus";

    private static final String HEADER = "HttpHeader:";
    private static final Layout LAYOUT = new Layout(0, 2);
    private static final int MOST = 4096;

    /** A header field; one entry for each value. */
    public static Metadata header(String name, String value) {
        return new Metadata(HEADER + name, value);
    }

    /** Whether it is a header field. */
    public boolean isHeader() {
        return key.startsWith(HEADER);
    }

    /**
     * The name of the header field.
     *
     * @throws IllegalStateException when it is none
     */
    public String headerName() {
        if (!isHeader()) {
            throw new IllegalStateException("not a header field");
        }
        return key.substring(HEADER.length());
    }

    static List<Metadata> read(StructIn parent, int pointer) {
        return parent.structs(pointer, MOST).stream()
                .map(entry -> new Metadata(entry.text(0), entry.text(1)))
                .toList();
    }

    static void write(StructOut parent, int pointer, List<Metadata> metadata) {
        StructList.Builder<StructOut> list = parent.structs(pointer, LAYOUT, metadata.size());
        for (int i = 0; i < metadata.size(); i++) {
            StructOut entry = list.get(i);
            entry.text(0, metadata.get(i).key());
            entry.text(1, metadata.get(i).value());
        }
    }

    /** Room for these entries: two pointers each, text with its NUL, whole words. */
    static int size(List<Metadata> metadata) {
        return metadata.stream()
                .mapToInt(entry -> 32 + bytes(entry.key()) + bytes(entry.value()))
                .sum();
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
