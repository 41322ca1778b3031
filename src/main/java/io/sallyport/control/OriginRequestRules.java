package io.sallyport.control;

import io.sallyport.http.Cidr;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The keys of {@code originRequest}. Durations are whole seconds on this API; what a connector
 * could not parse is refused here. Unknown keys are kept, connectors ignore them.
 */
final class OriginRequestRules {
    private static final List<String> NUMBERS =
            List.of("connectTimeout", "tlsTimeout", "tcpKeepAlive", "keepAliveTimeout", "keepAliveConnections");
    private static final List<String> FLAGS = List.of(
            "noHappyEyeballs", "matchSNItoHost", "noTLSVerify", "disableChunkedEncoding", "http2Origin", "bastionMode");
    private static final List<String> LINES = List.of("httpHostHeader", "originServerName", "caPool", "proxyAddress");
    private static final int LARGEST_PORT = 65_535;

    private OriginRequestRules() {}

    /** Checks one such object. */
    static void check(Fields request) {
        NUMBERS.forEach(name -> wholeNumber(request, name, Integer.MAX_VALUE));
        wholeNumber(request, "proxyPort", LARGEST_PORT);
        FLAGS.forEach(request::flag);
        LINES.forEach(name -> request.line(name, Limits.URL));
        request.oneOf("proxyType", Set.of("socks"));
        request.objects("ipRules", Limits.ENTRIES).forEach(OriginRequestRules::ipRule);
        request.object("access").ifPresent(OriginRequestRules::access);
    }

    private static void wholeNumber(Fields request, String name, int max) {
        JsonNode value = request.json().get(name);
        if (value != null && !value.isNull() && !value.isIntegralNumber()) {
            throw request.invalid(name, "must be a whole number; durations are seconds");
        }
        request.integer(name, 0, max);
    }

    private static void ipRule(Fields rule) {
        String prefix = rule.requiredLine("prefix", 64);
        try {
            Cidr.parse(prefix);
        } catch (IllegalArgumentException e) {
            throw rule.invalid("prefix", "unable to create ip rule for socks-proxy: " + e.getMessage());
        }
        List<JsonNode> ports = rule.list("ports", Limits.ENTRIES);
        for (int i = 0; i < ports.size(); i++) {
            JsonNode port = ports.get(i);
            if (!port.isIntegralNumber() || port.intValue() < 1 || port.intValue() > LARGEST_PORT) {
                throw ApiProblem.invalid(rule.pointerTo("ports") + "/" + i, "must be a port");
            }
        }
        rule.flag("allow");
    }

    private static void access(Fields access) {
        boolean required = access.isSet("required");
        boolean named = access.line("teamName", Limits.NAME).isPresent();
        boolean audiences = !access.lines("audTag", Limits.ENTRIES, Limits.NAME).isEmpty();
        access.line("environment", Limits.NAME);
        if (required && audiences && !named) {
            throw access.invalid("teamName", "access.TeamName cannot be blank when access.audTags are present");
        }
    }
}
