package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
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

    /** Beside an error: the connector has too many flows. */
    public static final Metadata FLOW_LIMITED = new Metadata("FlowConnectRateLimited", "true");

    /**
     * Beside a request: the answer's FIN is to come with one more byte, which is not part of the answer. A lost FIN without data may never
     * be sent again, because the QUIC library forgets a stream whose data is acknowledged and whose other direction is complete (quiche
     * issue 2525).
     */
    public static final Metadata MARKED_END = new Metadata("SallyportMarkedEnd", "true");

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
     * @throws IllegalStateException when it is not a header field
     */
    public String headerName() {
        if (!isHeader()) {
            throw new IllegalStateException("not a header field");
        }
        return key.substring(HEADER.length());
    }

    static List<Metadata> read(StructIn parent, int pointer) {
        List<StructIn> entries = parent.structs(pointer, MOST);
        List<Metadata> metadata = new ArrayList<>(entries.size());
        for (StructIn entry : entries) {
            metadata.add(new Metadata(entry.text(0), entry.text(1)));
        }
        return metadata;
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
        int size = 0;
        for (Metadata entry : metadata) {
            size += 32 + bytes(entry.key()) + bytes(entry.value());
        }
        return size;
    }

    static int bytes(String text) {
        return ByteBufUtil.utf8Bytes(text);
    }
}
