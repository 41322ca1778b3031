package io.sallyport.tunnel.wire;

/** Header fields of the protocol between edge and connector over HTTP/2. They never come from a visitor or an origin. */
public final class TunnelHeaders {
    /** Marks the kind of request ({@link RequestKind}). */
    public static final String UPGRADE = "cf-cloudflared-proxy-connection-upgrade";
    /** Marks raw TCP when not empty. */
    public static final String TCP_SOURCE = "cf-cloudflared-proxy-src";
    /** All header fields of the origin's response ({@link SerializedHeaders}). */
    public static final String RESPONSE_HEADERS = "cf-cloudflared-response-headers";
    /** Who made the response ({@link ResponseMeta}). */
    public static final String RESPONSE_META = "cf-cloudflared-response-meta";

    private TunnelHeaders() {}
}
