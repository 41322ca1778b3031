package io.sallyport.control;

import io.sallyport.http.UrlPattern;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tunnel's configuration as an admin writes it. It is checked as
 * a connector would check it, because a connector refuses a bad one where nobody looks; then it is kept as it came, without
 * defaults filled in.
 *
 * @param config what is stored, returned and pushed
 * @param hostnames the public hostnames in normal form, each with the pointer of the rule that names it
 */
record TunnelConfigDraft(ObjectNode config, Map<String, String> hostnames) {
    /** A Go regular expression has none of these, and a connector that meets one refuses the whole configuration. */
    private static final Pattern NOT_IN_GO = Pattern.compile("\\(\\?(?:[=!>]|<[=!])|\\\\[1-9]");

    /** Reads {@code {"config": {…}}}. */
    static TunnelConfigDraft read(Fields body) {
        return ApiProblem.about(ApiProblem.TUNNEL, () -> {
            Fields config = body.object("config").orElseThrow(() -> body.invalid("config", "is required"));
            config.object("originRequest").ifPresent(OriginRequestRules::check);
            config.object("warp-routing").ifPresent(warp -> warp.flag("enabled"));
            Map<String, String> hostnames = new LinkedHashMap<>();
            List<Fields> rules = config.objects("ingress", Limits.ENTRIES);
            for (int i = 0; i < rules.size(); i++) {
                rule(rules.get(i), i, i == rules.size() - 1, hostnames);
            }
            return new TunnelConfigDraft(config.json().deepCopy(), hostnames);
        });
    }

    private static void rule(Fields rule, int index, boolean last, Map<String, String> hostnames) {
        String hostname = rule.line("hostname", 255).orElse("");
        String path = rule.line("path", Limits.URL).orElse("");
        boolean every = (hostname.isEmpty() || hostname.equals("*")) && path.isEmpty();
        if (last && !every) {
            throw ApiProblem.invalid(
                    rule.pointer(),
                    "The last ingress rule must match all URLs (i.e. it should not have a hostname or path filter)");
        }
        if (!last && every) {
            throw ApiProblem.invalid(
                    rule.pointer(),
                    "Rule #" + (index + 1) + " is matching the hostname '" + hostname
                            + "', but this will match every hostname, meaning the rules which follow it will never be"
                            + " triggered.");
        }
        if (!hostname.isEmpty() && !hostname.equals("*")) {
            hostnames.putIfAbsent(hostname(rule, hostname), rule.pointerTo("hostname"));
        }
        path(rule, path, index);
        ServiceRules.check(rule);
        rule.object("originRequest").ifPresent(OriginRequestRules::check);
    }

    private static String hostname(Fields rule, String hostname) {
        if (hostname.contains(":")) {
            throw rule.invalid("hostname", "Hostname cannot contain a port");
        }
        if (hostname.lastIndexOf('*') > 0 || (hostname.startsWith("*") && !hostname.startsWith("*."))) {
            throw rule.invalid(
                    "hostname",
                    "Hostname patterns can have at most one wildcard character (\"*\") and it can only be used for"
                            + " subdomains, e.g. \"*.example.com\"");
        }
        try {
            if (!hostname.contains("/")) {
                return UrlPattern.parse(hostname).normal();
            }
        } catch (IllegalArgumentException e) {
            // Answered below.
        }
        throw rule.invalid("hostname", "must be a host name such as wiki.example.com or *.example.com");
    }

    private static void path(Fields rule, String path, int index) {
        String problem = NOT_IN_GO.matcher(path).find() ? "look-around and back-references are not known there" : null;
        try {
            // Go's one other spelling of a named group.
            Pattern.compile(path.replace("(?P<", "(?<"));
        } catch (PatternSyntaxException e) {
            problem = e.getDescription();
        }
        if (problem != null) {
            throw rule.invalid("path", "Rule #" + (index + 1) + " has an invalid regex: " + problem);
        }
    }
}
