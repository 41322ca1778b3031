package io.sallyport.connector;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/**
 * The rules, in order: the first one that matches a request decides where it goes, and the last one matches everything.
 *
 * @param rules never empty
 */
public record Ingress(List<Rule> rules) {
    /** The rules when none are configured. */
    public static final Ingress NONE = new Ingress(
            List.of(new Rule("", null, "http_status:503", new Service.Status(503), OriginSettings.DEFAULTS)));

    static final Set<String> RULE_KEYS = Set.of("hostname", "path", "service", "originRequest");

    /** Copies the rules. */
    public Ingress {
        rules = List.copyOf(rules);
    }

    /**
     * Reads rules.
     *
     * @param ingress a list of rules; none at all is {@link #NONE}
     * @param originRequest defaults for all rules
     * @throws InvalidConfiguration in cloudflared's words
     */
    static Ingress read(JsonNode ingress, JsonNode originRequest, Spelling spelling) {
        if (!ingress.isArray() && !ingress.isNull() && !ingress.isMissingNode()) {
            throw new InvalidConfiguration("ingress: expected a list of rules");
        }
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < ingress.size(); i++) {
            rules.add(rule(ingress.get(i), i, ingress.size(), originRequest, spelling));
        }
        return rules.isEmpty() ? NONE : new Ingress(rules);
    }

    /**
     * One rule for everything, as the command line's single-origin flags give it.
     *
     * @throws InvalidConfiguration in cloudflared's words
     */
    public static Ingress of(String service, JsonNode originRequest) {
        return new Ingress(List.of(new Rule(
                "",
                null,
                service,
                Service.parse(service),
                OriginSettings.read("originRequest", originRequest, originRequest, Spelling.FILE))));
    }

    private static Rule rule(JsonNode written, int index, int count, JsonNode originRequest, Spelling spelling) {
        Keys keys = Keys.of("ingress[" + index + "]", written, spelling);
        OriginSettings settings =
                OriginSettings.read(keys.name("originRequest"), originRequest, written.path("originRequest"), spelling);
        String text = settings.bastionMode() ? "bastion" : keys.text("service", "");
        if (text.isEmpty()) {
            throw new InvalidConfiguration(keys.name("service") + " is missing");
        }
        Service service = at(keys.name("service"), text, Service::parse);
        String hostname = at(keys.name("hostname"), keys.text("hostname", ""), Ingress::hostname);
        String path = keys.text("path", "");
        boolean isLast = index == count - 1;
        boolean isCatchAll = (hostname.isEmpty() || hostname.equals("*")) && path.isEmpty();
        if (isLast && !isCatchAll) {
            throw new InvalidConfiguration(
                    "The last ingress rule must match all URLs (i.e. it should not have a hostname"
                            + " or path filter); end the list with '- service: http_status:404'");
        }
        if (!isLast && isCatchAll) {
            throw new InvalidConfiguration("Rule #%d is matching the hostname '%s', but this will match every hostname,"
                            .formatted(index + 1, hostname)
                    + " meaning the rules which follow it will never be triggered.");
        }
        try {
            return new Rule(hostname, path.isEmpty() ? null : PathRegex.compile(path), text, service, settings);
        } catch (PatternSyntaxException e) {
            throw new InvalidConfiguration(
                    "Rule #%d has an invalid regex: %s".formatted(index + 1, e.getDescription()));
        }
    }

    /** Says which rule of perhaps many is meant. */
    private static <T> T at(String key, String text, Function<String, T> reading) {
        try {
            return reading.apply(text);
        } catch (InvalidConfiguration e) {
            throw new InvalidConfiguration(key + ": " + e.getMessage());
        }
    }

    private static String hostname(String hostname) {
        if (hostname.contains(":")) {
            throw new InvalidConfiguration("Hostname cannot contain a port");
        }
        boolean wildcard = hostname.startsWith("*");
        if (hostname.lastIndexOf('*') > 0 || (wildcard && hostname.length() > 1 && hostname.charAt(1) != '.')) {
            throw new InvalidConfiguration(
                    "Hostname patterns can have at most one wildcard character (\"*\") and it can"
                            + " only be used for subdomains, e.g. \"*.example.com\"");
        }
        return hostname;
    }

    /**
     * The number of the first rule that matches a request, counted from 0.
     *
     * @param authority the request's host, with or without a port
     * @param target the request's path and query as they came
     * @return empty when the path cannot be decoded, or matching it takes too many steps; such a request is refused
     */
    public Optional<Integer> find(String authority, String target) {
        String host = HostPort.hostOf(authority).toLowerCase(Locale.ROOT);
        String path;
        try {
            int query = target.indexOf('?');
            String raw = query < 0 ? target : target.substring(0, query);
            // In a path, unlike in a form, a plus sign means itself.
            path = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException badEscape) {
            return Optional.empty();
        }
        try {
            for (int i = 0; i < rules.size(); i++) {
                if (rules.get(i).matches(host, path)) {
                    return Optional.of(i);
                }
            }
        } catch (PathRegex.TooManySteps hostile) {
            return Optional.empty();
        }
        return Optional.of(rules.size() - 1);
    }

    /** One rule for people. */
    public String show(int index) {
        return rules.get(index).toString();
    }
}
