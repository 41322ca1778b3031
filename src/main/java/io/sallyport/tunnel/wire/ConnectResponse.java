package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The head of the answer on a data stream over QUIC, connector to edge.
 *
 * @param error why there is no response; empty when there is one
 */
public record ConnectResponse(String error, List<Metadata> metadata) {
    private static final Layout LAYOUT = new Layout(0, 2);

    /** Copies the metadata. */
    public ConnectResponse {
        metadata = List.copyOf(metadata);
    }

    /** @throws WireRefusal when the message is no such head */
    public static ConnectResponse read(StructIn message) {
        return new ConnectResponse(message.text(0), Metadata.read(message, 1));
    }

    /** As a framed message, without the stream's signature. */
    public ByteBuf write() {
        return new Body(LAYOUT, Metadata.bytes(error) + Metadata.size(metadata), out -> {
                    out.text(0, error);
                    Metadata.write(out, 1, metadata);
                })
                .message();
    }
}
