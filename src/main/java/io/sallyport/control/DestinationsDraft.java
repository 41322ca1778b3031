package io.sallyport.control;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.UrlPattern;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The three ways an application says where it lives, brought together: {@code destinations} counts
 * before {@code self_hosted_domains}, which counts before {@code domain}; whichever is given, the others follow. Texts are
 * returned as written; only what is matched is normalised.
 *
 * @param domain the primary host and path, the launcher's link
 * @param uris the public destinations as written
 * @param patterns the same, normalised
 * @param json the destinations as returned
 */
record DestinationsDraft(String domain, List<String> uris, List<String> patterns, ArrayNode json) {
    private static final Set<String> TYPES = Set.of(
            "public",
            "private",
            "via_mcp_server_portal",
            "worker",
            "preview_worker",
            "all_workers",
            "all_preview_workers");

    /** Reads whichever of the three the request has. */
    static DestinationsDraft read(Fields fields) {
        List<Fields> given = fields.objects("destinations", Limits.ENTRIES);
        List<String> hosts = fields.lines("self_hosted_domains", Limits.ENTRIES, Limits.URL);
        String domain = fields.line("domain", Limits.URL).orElse(null);
        if (!given.isEmpty()) {
            return fromDestinations(fields, given, domain);
        }
        if (!hosts.isEmpty()) {
            return fromHosts(fields, "self_hosted_domains", hosts, domain);
        }
        if (domain != null) {
            return fromHosts(fields, "", List.of(domain), domain);
        }
        throw fields.invalid("domain", "or destinations is required");
    }

    /** Puts both lists into an object. */
    void writeTo(ObjectNode body) {
        body.set("destinations", json);
        ArrayNode hosts = body.putArray("self_hosted_domains");
        uris.forEach(hosts::add);
    }

    private static DestinationsDraft fromDestinations(Fields fields, List<Fields> given, @Nullable String domain) {
        List<String> uris = new ArrayList<>();
        List<String> patterns = new ArrayList<>();
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (Fields destination : given) {
            ObjectNode kept = destination.keptExcept(Set.of());
            if (destination.oneOf("type", TYPES).orElse("public").equals("public")) {
                String uri = destination
                        .line("uri", Limits.URL)
                        .orElseThrow(() -> destination.invalid("uri", "is required"));
                uris.add(uri);
                patterns.add(normalise(uri, destination.pointerTo("uri")));
                checkOverrides(destination);
                kept.put("type", "public");
            }
            json.add(kept);
        }
        refuseRepeats(patterns, fields.pointerTo("destinations"));
        if (domain == null && uris.isEmpty()) {
            throw fields.invalid("destinations", "needs a public destination");
        }
        if (domain != null) {
            requireOwnHost(fields, domain, patterns);
        }
        return new DestinationsDraft(domain == null ? uris.getFirst() : domain, uris, patterns, json);
    }

    private static DestinationsDraft fromHosts(
            Fields fields, String member, List<String> hosts, @Nullable String domain) {
        List<String> patterns = new ArrayList<>();
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < hosts.size(); i++) {
            String pointer = member.isEmpty() ? fields.pointerTo("domain") : fields.pointerTo(member) + "/" + i;
            patterns.add(normalise(hosts.get(i), pointer));
            json.addObject().put("type", "public").put("uri", hosts.get(i));
        }
        refuseRepeats(patterns, fields.pointerTo(member.isEmpty() ? "domain" : member));
        if (domain != null) {
            requireOwnHost(fields, domain, patterns);
        }
        return new DestinationsDraft(domain == null ? hosts.getFirst() : domain, hosts, patterns, json);
    }

    /** The text that is matched and must be unique. */
    private static String normalise(String uri, String pointer) {
        String pattern;
        try {
            pattern = UrlPattern.parse(uri).normal();
        } catch (IllegalArgumentException e) {
            throw ApiProblem.invalid(pointer, String.valueOf(e.getMessage()));
        }
        int slash = pattern.indexOf('/');
        if (slash >= 0 && (pattern.substring(slash) + "/").startsWith(RESERVED)) {
            throw ApiProblem.invalid(pointer, "must not lie under " + RESERVED + ", which is the gate's own");
        }
        return pattern;
    }

    /** The whole prefix is reserved, not only what we serve today. */
    private static final String RESERVED = AccessHeaders.RESERVED_PATH.replace("access/", "");

    private static void checkOverrides(Fields destination) {
        for (Fields override : destination.objects("overrides", 100)) {
            override.oneOf("behavior", Set.of("public"));
            String path = override.line("path_pattern", Limits.URL)
                    .orElseThrow(() -> override.invalid("path_pattern", "is required"));
            if (!path.startsWith("/")) {
                throw override.invalid("path_pattern", "must start with a slash");
            }
            normalise("override.invalid" + path, override.pointerTo("path_pattern"));
        }
    }

    private static void refuseRepeats(List<String> patterns, String pointer) {
        Set<String> seen = new LinkedHashSet<>();
        for (int i = 0; i < patterns.size(); i++) {
            if (!seen.add(patterns.get(i))) {
                throw ApiProblem.invalid(pointer + "/" + i, "is there twice");
            }
        }
    }

    /** A domain that no destination covers would look protected and not be; the same host with another path is a link target. */
    private static void requireOwnHost(Fields fields, String domain, List<String> patterns) {
        String host = host(normalise(domain, fields.pointerTo("domain")));
        if (!patterns.isEmpty()
                && patterns.stream().noneMatch(pattern -> host(pattern).equals(host))) {
            throw fields.invalid("domain", "must be on the host of one of the public destinations");
        }
    }

    private static String host(String pattern) {
        int slash = pattern.indexOf('/');
        return slash < 0 ? pattern : pattern.substring(0, slash);
    }
}
