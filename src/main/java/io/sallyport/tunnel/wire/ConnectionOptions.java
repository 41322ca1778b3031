package io.sallyport.tunnel.wire;

import java.util.List;
import java.util.UUID;

/**
 * What a connector says about itself when it registers. None of it is proven and none of it decides
 * anything (TU-02).
 *
 * @param clientId the connector: one random id for all connections of a process
 * @param version such as {@code 2026.8.2}
 * @param arch such as {@code linux_amd64}
 * @param originLocalIp 4 or 16 bytes, or none; over QUIC cloudflared puts the edge's address here
 * @param numPreviousAttempts at most 255
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, never compared
public record ConnectionOptions(
        UUID clientId,
        List<String> features,
        String version,
        String arch,
        byte[] originLocalIp,
        boolean replaceExisting,
        int compressionQuality,
        int numPreviousAttempts) {
    private static final Layout LAYOUT = new Layout(1, 2);
    private static final Layout CLIENT = new Layout(0, 4);
    private static final int MOST_FEATURES = 64;
    private static final int LONGEST_TEXT = 128;

    /** Copies the features and the address. */
    public ConnectionOptions {
        features = List.copyOf(features);
        originLocalIp = originLocalIp.clone();
    }

    @Override
    public byte[] originLocalIp() {
        return originLocalIp.clone();
    }

    static ConnectionOptions read(StructIn in) {
        StructIn client = in.struct(0);
        return new ConnectionOptions(
                client.uuid(0),
                client.texts(1, MOST_FEATURES).stream()
                        .map(ConnectionOptions::plain)
                        .toList(),
                plain(client.text(2)),
                plain(client.text(3)),
                in.data(1),
                in.bit(0),
                in.u8(1),
                in.u8(2));
    }

    private static String plain(String text) {
        return Printable.of(text, LONGEST_TEXT);
    }

    void write(StructOut parent, int pointer) {
        StructOut out = parent.struct(pointer, LAYOUT);
        out.bit(0, replaceExisting);
        out.u8(1, compressionQuality);
        out.u8(2, numPreviousAttempts);
        StructOut client = out.struct(0, CLIENT);
        client.uuid(0, clientId);
        client.texts(1, features);
        client.text(2, version);
        client.text(3, arch);
        if (originLocalIp.length > 0) {
            out.data(1, originLocalIp);
        }
    }

    int size() {
        return features.stream().mapToInt(text -> Metadata.bytes(text) + 16).sum()
                + Metadata.bytes(version)
                + Metadata.bytes(arch)
                + originLocalIp.length;
    }
}
