package io.sallyport.tunnel.wire;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that a connector needs to run a tunnel, as a token or as a credentials file.
 *
 * @param endpoint region of the edge; empty for the usual one
 * @param edge address and authority that our gateway adds; {@link EdgeGuide#NONE} in credentials of others
 */
public record TunnelCredentials(
        String accountTag, UUID tunnelId, TunnelSecret secret, String endpoint, EdgeGuide edge) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LONGEST = 8 * 1024;

    /** Credentials for the usual endpoint. */
    public TunnelCredentials(String accountTag, UUID tunnelId, TunnelSecret secret) {
        this(accountTag, tunnelId, secret, "", EdgeGuide.NONE);
    }

    /** A copy with other information about the edge. */
    public TunnelCredentials with(EdgeGuide guide) {
        return new TunnelCredentials(accountTag, tunnelId, secret, endpoint, guide);
    }

    /**
     * Reads a token: base64 of JSON with short keys.
     *
     * @throws WireRefusal when it is invalid; the message does not contain it
     */
    public static TunnelCredentials ofToken(String token) {
        try {
            return read(JSON.readTree(decode(bounded(token.strip()))), "a", "t", "s", "e", null);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new WireRefusal("Provided Tunnel token is not valid.");
        }
    }

    /**
     * Reads a credentials file.
     *
     * @param tunnelId the tunnel's id, for old files that do not contain it
     * @throws WireRefusal when it is invalid; the message does not contain it
     */
    public static TunnelCredentials ofFile(String json, @Nullable UUID tunnelId) {
        try {
            return read(JSON.readTree(bounded(json)), "AccountTag", "TunnelID", "TunnelSecret", "Endpoint", tunnelId);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new WireRefusal("Invalid JSON when parsing tunnel credentials file");
        }
    }

    /** As a token. */
    public String token() {
        String json = JSON.writeValueAsString(object("a", "s", "t", "e"));
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    /** As the contents of a credentials file, in one line. */
    public String file() {
        return JSON.writeValueAsString(object("AccountTag", "TunnelSecret", "TunnelID", "Endpoint"));
    }

    private ObjectNode object(String account, String secretKey, String tunnel, String region) {
        ObjectNode object = JSON.createObjectNode()
                .put(account, accountTag)
                .put(secretKey, Base64.getEncoder().encodeToString(secret.exposeSecretBytes()))
                .put(tunnel, tunnelId.toString());
        if (!endpoint.isEmpty()) {
            object.put(region, endpoint);
        }
        edge.addTo(object);
        return object;
    }

    private static TunnelCredentials read(
            JsonNode json, String account, String tunnel, String secret, String region, @Nullable UUID known) {
        String id = text(json, tunnel);
        byte[] bytes = Base64.getDecoder().decode(text(json, secret));
        if (bytes.length == 0 || text(json, account).isEmpty() || (id.isEmpty() && known == null)) {
            throw new IllegalArgumentException("incomplete");
        }
        return new TunnelCredentials(
                text(json, account),
                id.isEmpty() && known != null ? known : UUID.fromString(id),
                new TunnelSecret(bytes),
                text(json, region).toLowerCase(Locale.ROOT),
                EdgeGuide.in(json));
    }

    /** Go reads JSON keys in any letter case, so hand-written files may use any. */
    private static String text(JsonNode json, String key) {
        return json.propertyStream()
                .filter(property -> property.getKey().equalsIgnoreCase(key))
                .map(property -> property.getValue().stringValue(""))
                .findFirst()
                .orElse("");
    }

    private static String bounded(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("too long");
        }
        return text;
    }

    private static String decode(String token) {
        return new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
    }
}
