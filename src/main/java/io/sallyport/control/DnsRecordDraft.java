package io.sallyport.control;

import io.sallyport.http.HostName;
import io.sallyport.http.UrlPattern;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A DNS record as a request describes it.
 *
 * @param name in normal form
 * @param body what is stored and returned, as it was written; {@code content} is there even when only {@code data} was
 */
record DnsRecordDraft(String name, String type, String content, ObjectNode body) {
    private static final int AUTOMATIC_TTL = 1;
    private static final int LONGEST_TTL = 86_400;
    private static final int SHORTEST_TTL = 30;
    private static final int LONGEST_CONTENT = 4096;

    /** What the server alone writes. */
    private static final Set<String> COMPUTED = Set.of(
            "id",
            "created_on",
            "modified_on",
            "proxiable",
            "meta",
            "zone_id",
            "zone_name",
            "comment_modified_on",
            "tags_modified_on");

    /** The type of an alias (RFC 1034 §3.6.2). */
    static final String ALIAS = "CNAME";

    /** Types whose names are host names. */
    private static final Set<String> OF_HOSTS = Set.of("A", "AAAA", ALIAS);

    /** @param zone that the name may be relative to; what is kept is the whole name, which a read answers at the vendor too */
    static DnsRecordDraft read(Fields fields, ZoneDomain zone) {
        return ApiProblem.about(ApiProblem.DNS_RECORD, () -> {
            String type = fields.requiredLine("type", 20).toUpperCase(Locale.ROOT);
            String name = name(fields, type, zone);
            String content = content(fields, type);
            fields.flag("proxied");
            fields.integer("ttl", AUTOMATIC_TTL, LONGEST_TTL)
                    .filter(ttl -> ttl != AUTOMATIC_TTL && ttl < SHORTEST_TTL)
                    .ifPresent(ttl -> {
                        throw fields.invalid("ttl", "must be 1 for automatic, or from 30 to 86400 seconds");
                    });
            fields.line("comment", 500);
            fields.lines("tags", 100, 100);
            fields.integer("priority", 0, 65_535);
            fields.object("settings");
            ObjectNode body = fields.keptExcept(COMPUTED);
            if (!content.isEmpty()) {
                body.put("content", content);
            }
            if (zone.name().isPresent()) {
                body.put("name", name);
            }
            return new DnsRecordDraft(name, type, content, body);
        });
    }

    /** What is stored: the body with the times since when its comment and its tags are what they are. */
    ObjectNode dated(JsonNode before, Instant now) {
        ObjectNode dated = body.deepCopy();
        date("comment", dated, before, now);
        date("tags", dated, before, now);
        return dated;
    }

    private static void date(String member, ObjectNode dated, JsonNode before, Instant now) {
        JsonNode value = dated.path(member);
        if (value.isString() || !value.isEmpty()) {
            String time = member + "_modified_on";
            boolean same = value.equals(before.path(member)) && before.has(time);
            dated.set(time, same ? before.path(time) : ApiTimes.node(now));
        }
    }

    /** Whether it is an alias, which stands alone: several addresses may share a name. */
    boolean isAlias() {
        return type.equals(ALIAS);
    }

    /** Whether its name leads to a host. */
    boolean isOfHost() {
        return OF_HOSTS.contains(type);
    }

    static boolean isOfHost(String type) {
        return OF_HOSTS.contains(type);
    }

    private static String name(Fields fields, String type, ZoneDomain zone) {
        String written = fields.requiredLine("name", 255);
        if (OF_HOSTS.contains(type)) {
            return hostname(fields, "name", written, zone);
        }
        String name = zone.absolute(written);
        String normal = name.toLowerCase(Locale.ROOT);
        return normal.endsWith(".") ? normal.substring(0, normal.length() - 1) : normal;
    }

    /** The normal form of a hostname, which may begin with {@code *.}. */
    static String hostname(Fields fields, String member, String written, ZoneDomain zone) {
        String name = zone.absoluteHost(fields, member, written);
        try {
            boolean plain = name.indexOf('*') < 0 || (name.startsWith("*.") && name.lastIndexOf('*') == 0);
            if (plain && name.indexOf('/') < 0) {
                return UrlPattern.parse(name.endsWith(".") ? name.substring(0, name.length() - 1) : name)
                        .normal();
            }
        } catch (IllegalArgumentException e) {
            // Answered below.
        }
        throw fields.invalid(member, "must be a host name such as wiki.example.com or *.example.com");
    }

    /** What {@code data} says counts before a text beside it: clients that change a part send the text of before along. */
    private static String content(Fields fields, String type) {
        Optional<Fields> data = fields.object("data").filter(given -> !OF_HOSTS.contains(type));
        Optional<String> composed = data.flatMap(given -> DnsRecordText.of(type, given.json()));
        if (composed.isPresent()) {
            return composed.filter(text -> text.length() <= LONGEST_CONTENT)
                    .orElseThrow(() -> fields.invalid("data", "is too long"));
        }
        if (!fields.has("content")) {
            if (data.isPresent()) {
                return "";
            }
            throw fields.invalid("content", "is required");
        }
        String content = fields.text("content", LONGEST_CONTENT).orElse("");
        boolean fits = switch (type) {
            case "A" -> !content.startsWith("[") && isAddress(content);
            case "AAAA" -> isAddress("[" + content + "]");
            case ALIAS -> HostName.parse(content).isPresent() && !isAddress(content);
            default -> true;
        };
        if (!fits) {
            throw fields.invalid("content", "does not fit a record of type " + type + ": it must be " + fitting(type));
        }
        return content;
    }

    private static String fitting(String type) {
        return switch (type) {
            case "A" -> "an IPv4 address such as 192.0.2.1";
            case "AAAA" -> "an IPv6 address such as 2001:db8::1";
            default -> "a host name such as wiki.example.com";
        };
    }

    private static boolean isAddress(String text) {
        return HostName.parse(text).filter(HostName::isAddress).isPresent();
    }
}
