package io.sallyport.control;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * How the one file spells zones and DNS records: without what the server sets and what would be so without being said. A record that
 * leads to a tunnel stands with the tunnel, by its name alone where it is as {@code route dns} makes it.
 */
final class DnsSpelling {
    private static final String TYPE = "type";
    private static final String NAME = "name";
    private static final String CONTENT = "content";
    private static final String HOSTNAME = "hostname";
    private static final String PROXIED = "proxied";

    private static final List<String> SET_BY_SERVER =
            List.of("id", "proxiable", "meta", "created_on", "modified_on", "comment_modified_on", "tags_modified_on");

    private DnsSpelling() {}

    /** A zone. */
    static ObjectNode zone(ObjectNode view) {
        ObjectNode zone = JsonNodeFactory.instance.objectNode();
        zone.set(NAME, view.path(NAME));
        zone.setAll(view.deepCopy().remove(Zones.COMPUTED));
        without(zone, TYPE, zone.stringNode("full"));
        return without(zone, "paused", zone.booleanNode(false));
    }

    /** A record. */
    static ObjectNode record(ObjectNode view) {
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        List.of(TYPE, NAME, CONTENT).forEach(member -> record.set(member, view.path(member)));
        record.setAll(view.deepCopy().remove(SET_BY_SERVER));
        if (composed(record).equals(record.path(CONTENT).asString(""))) {
            record.remove(CONTENT);
        }
        without(record, PROXIED, record.booleanNode(false));
        without(record, "ttl", record.numberNode(1));
        without(record, "comment", record.nullNode());
        without(record, "tags", record.arrayNode());
        without(record, "settings", record.objectNode());
        return record;
    }

    /** What a record is called: all that tells it from others of its name. */
    static String label(JsonNode record) {
        String content = record.path(CONTENT).asString("");
        return (kindOf(record) + " " + (content.isEmpty() ? composed(record) : content)).strip();
    }

    /** Its type and name: what stays when it comes to lead elsewhere. */
    static String kindOf(JsonNode record) {
        return record.path(TYPE).asString("").toUpperCase(Locale.ROOT) + " "
                + record.path(NAME).asString("").toLowerCase(Locale.ROOT);
    }

    private static String composed(JsonNode record) {
        return record.path("data") instanceof ObjectNode data
                ? DnsRecordText.of(record.path(TYPE).asString(""), data).orElse("")
                : "";
    }

    /** A hostname of a tunnel, with what an admin wrote about its record. */
    static JsonNode alias(String hostname, ObjectNode view) {
        ObjectNode alias = JsonNodeFactory.instance.objectNode().put(HOSTNAME, hostname);
        alias.setAll(record(view).remove(List.of(TYPE, NAME, CONTENT)));
        if (alias.remove(PROXIED) == null) {
            alias.put(PROXIED, false);
        }
        return alias.size() == 1 ? StringNode.valueOf(hostname) : alias;
    }

    /** The hostname of an entry of a tunnel. */
    static String hostname(JsonNode alias) {
        return alias.isString() ? alias.stringValue() : alias.path(HOSTNAME).asString("");
    }

    /** The record of a hostname that leads to a tunnel, as the API takes it. */
    static ObjectNode aliasRecord(JsonNode alias, String tunnelName) {
        ObjectNode record = JsonNodeFactory.instance
                .objectNode()
                .put(TYPE, "CNAME")
                .put(NAME, hostname(alias))
                .put(CONTENT, tunnelName)
                .put(PROXIED, true)
                .put("ttl", 1);
        if (alias instanceof ObjectNode object) {
            record.setAll(object.deepCopy().remove(List.of(HOSTNAME)));
        }
        return record;
    }

    private static ObjectNode without(ObjectNode object, String member, JsonNode usual) {
        if (usual.equals(object.get(member))) {
            object.remove(member);
        }
        return object;
    }
}
