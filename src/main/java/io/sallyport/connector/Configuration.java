package io.sallyport.connector;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rules that a connector applies, and their origin.
 *
 * @param version the edge's version of a remote configuration; -1 for a local one
 * @param privateNetwork whether the edge may open TCP to any address of this network
 * @param json the rules as JSON, as the edge sent them or as they are reported to the edge
 */
public record Configuration(int version, Ingress ingress, PrivateNetwork privateNetwork, String json) {
    /** The version of configurations that did not come from the edge. */
    public static final int LOCAL = -1;

    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * Reads what the edge pushed. Rules whose destination the client chooses (bastion,
     * socks-proxy) need the operator's permission; the edge's is not enough (TU-11).
     *
     * @throws InvalidConfiguration when it is invalid
     */
    static Configuration remote(int version, byte[] json, Permissions permissions) {
        JsonNode document;
        try {
            document = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new InvalidConfiguration("the pushed configuration is not JSON");
        }
        Keys.of("configuration", document, Spelling.API);
        Ingress ingress = Ingress.read(document.path("ingress"), document.path("originRequest"), Spelling.API);
        permissions.check(ingress);
        return new Configuration(
                version,
                ingress,
                PrivateNetwork.read(document.path("warp-routing"), permissions.privateNetwork(), Spelling.API),
                new String(json, StandardCharsets.UTF_8));
    }

    /**
     * A configuration from a file or the command line.
     *
     * @param flags the options that were set, as they are reported to the edge; no secrets
     */
    public static Configuration local(Ingress ingress, ConnectorFile file, Map<String, String> flags) {
        PrivateNetwork network = file.privateNetwork();
        return new Configuration(LOCAL, ingress, network, LocalUpload.json(ingress, network, flags));
    }
}
