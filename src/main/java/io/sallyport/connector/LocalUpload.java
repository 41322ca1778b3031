package io.sallyport.connector;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A local configuration in the form in which it is reported to the edge: the file's defaults are applied to
 * each rule, defaults of the protocol are omitted, durations are in seconds.
 */
final class LocalUpload {
    private static final JsonMapper JSON = JsonMapper.shared();

    private LocalUpload() {}

    /** @param flags options from command line and file that the edge shows to admins; no secrets */
    static String json(Ingress ingress, PrivateNetwork network, Map<String, String> flags) {
        ObjectNode document = JSON.createObjectNode();
        if (!flags.isEmpty()) {
            ObjectNode shown = document.putObject("__configuration_flags");
            flags.forEach(shown::put);
        }
        var rules = document.putArray("ingress");
        for (Rule rule : ingress.rules()) {
            ObjectNode written = rules.addObject();
            if (!rule.hostname().isEmpty()) {
                written.put("hostname", rule.hostname());
            }
            if (rule.path() != null) {
                written.put("path", rule.path().text());
            }
            written.put("service", rule.service());
            written.set("originRequest", differing(rule.settings()));
        }
        ObjectNode warp = document.putObject("warp-routing");
        if (network.enabled()) {
            warp.put("enabled", true);
        }
        return JSON.writeValueAsString(document);
    }

    private static ObjectNode differing(OriginSettings settings) {
        ObjectNode own = all(settings);
        ObjectNode usual = all(OriginSettings.DEFAULTS);
        for (String key : List.copyOf(own.propertyNames())) {
            if (own.path(key).equals(usual.path(key))) {
                own.remove(key);
            }
        }
        return own;
    }

    private static ObjectNode all(OriginSettings settings) {
        ObjectNode node = JSON.createObjectNode();
        node.set("connectTimeout", seconds(settings.connectTimeout()));
        node.set("tlsTimeout", seconds(settings.tlsTimeout()));
        node.set("tcpKeepAlive", seconds(settings.tcpKeepAlive()));
        node.put("noHappyEyeballs", settings.noHappyEyeballs());
        node.put("keepAliveConnections", settings.keepAliveConnections());
        node.set("keepAliveTimeout", seconds(settings.keepAliveTimeout()));
        node.put("httpHostHeader", settings.httpHostHeader());
        node.put("originServerName", settings.originServerName());
        node.put("matchSNItoHost", settings.matchSniToHost());
        node.put("caPool", settings.caPool());
        node.put("noTLSVerify", settings.noTlsVerify());
        node.put("disableChunkedEncoding", settings.disableChunkedEncoding());
        node.put("http2Origin", settings.http2Origin());
        node.put("bastionMode", settings.bastionMode());
        node.put("proxyType", settings.socks() ? "socks" : "");
        node.set(
                "ipRules",
                JSON.valueToTree(settings.ipRules().stream()
                        .map(rule -> Map.of(
                                "prefix", rule.prefix().toString(), "ports", rule.ports(), "allow", rule.allow()))
                        .toList()));
        node.set("access", access(settings.access()));
        return node;
    }

    private static JsonNode access(AccessRequirement access) {
        ObjectNode node = JSON.createObjectNode().put("required", access.required());
        if (access.issuer() != null) {
            node.put("issuer", access.issuer());
        }
        node.set("audTag", JSON.valueToTree(access.audiences()));
        return node;
    }

    private static JsonNode seconds(Duration duration) {
        return JsonNodeFactory.instance.numberNode(duration.toSeconds());
    }
}
