package io.sallyport.tunnel.wire;

import org.jspecify.annotations.Nullable;

/** Who made a response over HTTP/2: small JSON, compared byte for byte. */
public enum ResponseMeta {
    /** The origin, or a rule that stands for it. */
    ORIGIN("{\"src\":\"origin\"}"),
    /** The connector, because the origin gave none. */
    CONNECTOR("{\"src\":\"cloudflared\"}"),
    /** The connector, because it has too many flows already. */
    FLOW_LIMITED("{\"src\":\"cloudflared\",\"flow_rate_limited\":true}"),
    /** Not stated: the response comes from the connector's HTTP library, or does not answer a proxied request. */
    UNSTATED("");

    private final String json;

    ResponseMeta(String json) {
        this.json = json;
    }

    /** The exact value of {@link TunnelHeaders#RESPONSE_META}. */
    public String json() {
        return json;
    }

    /** Unknown values count as unstated. */
    public static ResponseMeta of(@Nullable CharSequence value) {
        for (ResponseMeta meta : values()) {
            if (value != null && meta.json.contentEquals(value)) {
                return meta;
            }
        }
        return UNSTATED;
    }
}
