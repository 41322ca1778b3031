package io.sallyport.tunnel.wire;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where the edge is and how to know it, which our gateway tells whoever gets a tunnel's secret. It travels in tokens, credentials files
 * and cert.pem beside what cloudflared reads there, under a name of our own that cloudflared passes over.
 *
 * @param address {@code HOST:PORT} of the tunnel port; empty when nobody said
 * @param authority the only certificate authority to believe for it, PEM; empty when the machine's own roots tell
 */
public record EdgeGuide(String address, String authority) {
    /** Nobody said anything. */
    public static final EdgeGuide NONE = new EdgeGuide("", "");

    private static final String NAME = "sallyport";
    private static final String ADDRESS = "edge";
    private static final String AUTHORITY = "authority";

    /** What an object says of it; {@link #NONE} when it says nothing, as every object of others does. */
    public static EdgeGuide in(JsonNode object) {
        JsonNode guide = object.path(NAME);
        return new EdgeGuide(
                guide.path(ADDRESS).stringValue(""), guide.path(AUTHORITY).stringValue(""));
    }

    /** Puts it into an object; nothing where there is nothing to say. */
    public void addTo(ObjectNode object) {
        if (equals(NONE)) {
            return;
        }
        ObjectNode guide = object.putObject(NAME);
        if (!address.isEmpty()) {
            guide.put(ADDRESS, address);
        }
        if (!authority.isEmpty()) {
            guide.put(AUTHORITY, authority);
        }
    }
}
