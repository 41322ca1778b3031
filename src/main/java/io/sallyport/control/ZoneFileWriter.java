package io.sallyport.control;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes records as a zone file (RFC 1035 §5). What no zone file can hold, since nobody checked its text, stands in it as a comment. */
final class ZoneFileWriter {
    private static final Pattern ONLY_QUOTED = Pattern.compile("\\s*(\"(?:[^\"\\\\]|\\\\.)*\"\\s*)+");
    private static final int LONGEST_STRING = 255;

    private ZoneFileWriter() {}

    /** The file. */
    static String write(ZoneDomain zone, List<ObjectNode> records, Instant now) {
        StringBuilder file = new StringBuilder()
                .append(";; ")
                .append(zone.name().orElse("All domains"))
                .append(", exported ")
                .append(ApiTimes.node(now).asString())
                .append("\n;; Names are whole; a ttl of 1 is the automatic one.\n");
        for (ObjectNode record : records) {
            file.append(record(record)
                    .map(whole -> line(whole) + ZoneFileComment.of(record).line())
                    .orElseGet(() -> ";; not written: a record of type " + DnsSpelling.kindOf(record)));
            file.append('\n');
        }
        return file.toString();
    }

    private static String line(Record record) {
        return record.getName() + "\t" + record.getTTL() + "\tIN\t" + Type.string(record.getType()) + "\t"
                + record.rdataToString();
    }

    /** A record of the API as one of a zone file; empty when it cannot be one. */
    static Optional<Record> record(JsonNode view) {
        int type = Type.value(view.path("type").asString());
        try {
            Name name = Name.fromString(view.path("name").asString(), Name.root);
            long ttl = view.path("ttl").asLong(1);
            if (type == Type.TXT && !ONLY_QUOTED.matcher(content(view)).matches()) {
                return Optional.of(new TXTRecord(name, DClass.IN, ttl, strings(content(view))));
            }
            return Optional.of(Record.fromString(name, type, DClass.IN, ttl, rdata(view), Name.root));
        } catch (IOException | RuntimeException e) { // a text of an admin's, which was never looked at
            return Optional.empty();
        }
    }

    private static String content(JsonNode view) {
        return view.path("content").asString("");
    }

    private static String rdata(JsonNode view) {
        return switch (view.path("type").asString()) {
            case "MX", "SRV", "URI" -> {
                JsonNode priority = view.has("priority") ? view.path("priority") : view.at("/data/priority");
                yield priority.asInt(0) + " " + content(view);
            }
            default -> content(view);
        };
    }

    /** Text that nobody put into quotes, in pieces as long as one may be (RFC 1035 §3.3). */
    private static List<String> strings(String text) {
        List<String> strings = new ArrayList<>();
        for (int at = 0; at < text.length(); at += LONGEST_STRING) {
            strings.add(text.substring(at, Math.min(text.length(), at + LONGEST_STRING)));
        }
        return strings;
    }
}
