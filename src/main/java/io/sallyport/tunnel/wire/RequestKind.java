package io.sallyport.tunnel.wire;

import org.jspecify.annotations.Nullable;

/** The kind of a request from the edge over HTTP/2. */
public enum RequestKind {
    /** A configuration push. */
    CONFIGURATION("update-configuration"),
    /** A WebSocket: after an answer of 200 raw bytes both ways. */
    WEBSOCKET("websocket"),
    /** Raw TCP to the address in {@code :authority}. */
    TCP(null),
    /** The control stream, which registers the connection. */
    CONTROL("control-stream"),
    /** Any other request. */
    HTTP(null);

    private final @Nullable String upgrade;

    RequestKind(@Nullable String upgrade) {
        this.upgrade = upgrade;
    }

    /** The value of {@link TunnelHeaders#UPGRADE} that marks this kind; null when that header does not mark it. */
    public @Nullable String upgrade() {
        return upgrade;
    }

    /**
     * Tells the kind from the two marker headers, the first match wins.
     *
     * @param upgrade value of {@link TunnelHeaders#UPGRADE}
     * @param source value of {@link TunnelHeaders#TCP_SOURCE}
     */
    public static RequestKind of(@Nullable String upgrade, @Nullable String source) {
        for (RequestKind kind : values()) {
            boolean matches =
                    kind == TCP ? source != null && !source.isEmpty() : upgrade != null && upgrade.equals(kind.upgrade);
            if (matches) {
                return kind;
            }
        }
        return HTTP;
    }
}
