package io.sallyport.connector;

import io.sallyport.tunnel.wire.UpdateConfiguration.Applied;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Receives configurations from the edge. Only a version above the current one is applied; otherwise the answer is the
 * current version, so repeated pushes are harmless.
 */
final class ConfigurationInbox {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final OriginProxy proxy;
    private final Permissions permissions;
    private final ConnectorLog log;

    ConfigurationInbox(OriginProxy proxy, Permissions permissions, ConnectorLog log) {
        this.proxy = proxy;
        this.permissions = permissions;
        this.log = log;
    }

    /** Applies a newer configuration. Synchronised, because all connections call it from their own loops. */
    synchronized Applied take(int version, byte[] json) {
        int current = proxy.configuration().version();
        if (version <= current) {
            return new Applied(current, "");
        }
        try {
            proxy.apply(Configuration.remote(version, json, permissions));
            // Only the version is logged; the rules may contain private data.
            log.info(
                    "Updated to new configuration",
                    "version",
                    Integer.toString(version),
                    "rules",
                    Integer.toString(proxy.configuration().ingress().rules().size()));
            return new Applied(version, "");
        } catch (InvalidConfiguration e) {
            log.error(
                    "Failed to update configuration",
                    "version",
                    Integer.toString(version),
                    "error",
                    String.valueOf(e.getMessage()));
            return new Applied(current, String.valueOf(e.getMessage()));
        }
    }

    /**
     * The same for the body of an HTTP/2 request; returns the answer's body.
     *
     * @throws InvalidConfiguration when the body is malformed
     */
    String takeJson(byte[] body) {
        JsonNode envelope;
        try {
            envelope = JSON.readTree(body);
        } catch (JacksonException e) {
            throw new InvalidConfiguration("the pushed configuration is not JSON");
        }
        if (!envelope.path("version").isInt() || !envelope.path("config").isObject()) {
            throw new InvalidConfiguration("the pushed configuration has no version or no rules");
        }
        Applied applied = take(
                envelope.path("version").intValue(),
                envelope.path("config").toString().getBytes(StandardCharsets.UTF_8));
        String error = applied.error().isEmpty() ? "null" : JSON.writeValueAsString(applied.error());
        return "{\"lastAppliedVersion\":" + applied.latestAppliedVersion() + ",\"err\":" + error + "}";
    }
}
