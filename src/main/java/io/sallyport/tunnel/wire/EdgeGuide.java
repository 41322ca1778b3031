package io.sallyport.tunnel.wire;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The edge's address and certificate authority, which our gateway adds to a tunnel's secret. It is stored in tokens,
 * credentials files and cert.pem under a name of our own, which cloudflared ignores.
 *
 * @param address {@code HOST:PORT} of the tunnel port; empty when unknown
 * @param authority the only certificate authority to trust for it, PEM; empty for the machine's own roots
 */
public record EdgeGuide(String address, String authority) {
    /** No information. */
    public static final EdgeGuide NONE = new EdgeGuide("", "");

    private static final String NAME = "sallyport";
    private static final String ADDRESS = "edge";
    private static final String AUTHORITY = "authority";

    /**
     * Reads it from an object; {@link #NONE} when there is none, as in objects that cloudflared or its vendor wrote.
     */
    public static EdgeGuide in(JsonNode object) {
        JsonNode guide = object.path(NAME);
        return new EdgeGuide(
                guide.path(ADDRESS).stringValue(""), guide.path(AUTHORITY).stringValue(""));
    }

    /** Adds it to an object, unless it is empty. */
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
