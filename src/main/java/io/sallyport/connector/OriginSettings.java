package io.sallyport.connector;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Settings of the connections of a rule: the keys of {@code originRequest}; the rule's take precedence over the file's. Missing
 * texts are empty.
 *
 * @param caPool a PEM file of roots beside the system's; empty for none
 */
record OriginSettings(
        Duration connectTimeout,
        Duration tlsTimeout,
        Duration tcpKeepAlive,
        boolean noHappyEyeballs,
        int keepAliveConnections,
        Duration keepAliveTimeout,
        String httpHostHeader,
        String originServerName,
        boolean matchSniToHost,
        String caPool,
        boolean noTlsVerify,
        boolean disableChunkedEncoding,
        boolean http2Origin,
        boolean bastionMode,
        boolean socks,
        List<IpRule> ipRules,
        AccessRequirement access) {
    /** The defaults. */
    static final OriginSettings DEFAULTS =
            read(Keys.of("originRequest", JsonNodeFactory.instance.objectNode(), Spelling.FILE));

    /** The known keys; {@code proxyAddress} and {@code proxyPort} are accepted without an effect. */
    static final Set<String> KEYS = Set.of(
            "connectTimeout",
            "tlsTimeout",
            "tcpKeepAlive",
            "noHappyEyeballs",
            "keepAliveConnections",
            "keepAliveTimeout",
            "httpHostHeader",
            "originServerName",
            "matchSNItoHost",
            "caPool",
            "noTLSVerify",
            "disableChunkedEncoding",
            "http2Origin",
            "bastionMode",
            "proxyType",
            "proxyAddress",
            "proxyPort",
            "ipRules",
            "access");

    /** Reads a rule's settings: its own keys replace the file's one by one, {@code access} too. */
    static OriginSettings read(String where, JsonNode global, JsonNode own, Spelling spelling) {
        ObjectNode merged = JsonNodeFactory.instance.objectNode();
        put(merged, Keys.of("originRequest", global, spelling));
        put(merged, Keys.of(where, own, spelling));
        return read(new Keys(where, merged, spelling));
    }

    private static void put(ObjectNode merged, Keys layer) {
        layer.object()
                .propertyStream()
                .filter(property -> !property.getValue().isNull())
                .forEach(property -> merged.set(property.getKey(), property.getValue()));
    }

    private static OriginSettings read(Keys keys) {
        String proxyType = keys.text("proxyType", "");
        if (!proxyType.isEmpty() && !proxyType.equals("socks")) {
            throw new InvalidConfiguration(
                    keys.name("proxyType") + ": only 'socks' is known, found '" + proxyType + "'");
        }
        return new OriginSettings(
                keys.duration("connectTimeout", Duration.ofSeconds(30)),
                keys.duration("tlsTimeout", Duration.ofSeconds(10)),
                keys.duration("tcpKeepAlive", Duration.ofSeconds(30)),
                keys.flag("noHappyEyeballs", false),
                keys.number("keepAliveConnections", 100),
                keys.duration("keepAliveTimeout", Duration.ofSeconds(90)),
                keys.text("httpHostHeader", ""),
                keys.text("originServerName", ""),
                keys.flag("matchSNItoHost", false),
                keys.text("caPool", ""),
                keys.flag("noTLSVerify", false),
                keys.flag("disableChunkedEncoding", false),
                keys.flag("http2Origin", false),
                keys.flag("bastionMode", false),
                proxyType.equals("socks"),
                keys.list("ipRules").stream()
                        .map(rule -> IpRule.read(Keys.of(keys.name("ipRules"), rule, keys.spelling())))
                        .toList(),
                AccessRequirement.read(keys.object("access")));
    }
}
