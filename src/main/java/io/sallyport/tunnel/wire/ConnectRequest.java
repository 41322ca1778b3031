package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The head of a data stream over QUIC, edge to connector.
 *
 * @param destination the URL of an HTTP request, or an address and port
 */
public record ConnectRequest(String destination, ConnectionType type, List<Metadata> metadata) {
    /** The feature by which a connector of ours says at its registration that it knows {@link Metadata#MARKED_END}. */
    public static final String MARKS_ENDS = "sallyport_marks_ends";

    private static final Layout LAYOUT = new Layout(1, 2);

    /** Copies the metadata. */
    public ConnectRequest {
        metadata = List.copyOf(metadata);
    }

    /** @throws WireRefusal when the message is no such head */
    public static ConnectRequest read(StructIn message) {
        return new ConnectRequest(message.text(0), ConnectionType.of(message.u16(0)), Metadata.read(message, 1));
    }

    /** As a framed message, without the stream's signature. */
    public ByteBuf write() {
        return new Body(LAYOUT, Metadata.bytes(destination) + Metadata.size(metadata), out -> {
                    out.u16(0, type.code());
                    out.text(0, destination);
                    Metadata.write(out, 1, metadata);
                })
                .message();
    }
}
