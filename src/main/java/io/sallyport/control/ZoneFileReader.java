package io.sallyport.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a zone file (RFC 1035 §5) as the records that the API would be sent. A zone's SOA and the name servers of the zone itself are
 * passed over, as the vendor does: they are about the servers, which are not ours. What stands in a line's comment is the record's.
 */
final class ZoneFileReader {
    /** As many as a batch may make. */
    static final int MOST = 1000;

    private static final long AUTOMATIC_TTL = 1;
    private static final Pattern WHERE = Pattern.compile("^[^:]*:(\\d+): (.*)$", Pattern.DOTALL);

    private final ZoneDomain zone;
    private final boolean proxied;
    private final SingleLines lines;
    private @Nullable Name apex;

    private ZoneFileReader(ZoneUpload upload, ZoneDomain zone) {
        this.zone = zone;
        this.proxied = upload.proxied();
        this.lines = new SingleLines(upload.text().getBytes(StandardCharsets.UTF_8));
        this.apex =
                zone.name().map(domain -> Name.fromConstantString(domain + ".")).orElse(null);
    }

    /**
     * A record of the file.
     *
     * @param line in which it ends, counted from one
     */
    record Entry(int line, ObjectNode json) {
        /** A complaint about it. */
        ApiProblem problem(String detail) {
            return invalid(line, detail);
        }
    }

    /** All records, in their order. */
    static List<Entry> read(ZoneUpload upload, ZoneDomain zone) {
        return new ZoneFileReader(upload, zone).entries();
    }

    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        Name origin = apex == null ? Name.root : apex;
        try (Master file = new Master(lines, origin, AUTOMATIC_TTL)) {
            file.disableIncludes(true);
            for (Record each = next(file); each != null; each = next(file)) {
                if (each.getDClass() != DClass.IN) {
                    throw invalid(lines.taken(), "only records of the class IN are kept");
                }
                if (!isAboutServers(each)) {
                    entries.add(new Entry(lines.taken(), json(each)));
                }
                if (entries.size() > MOST) {
                    throw ApiProblem.dnsRecord(
                            ApiProblem.DNS_RECORD,
                            "/file has more than " + MOST + " records, which is the most that one import takes");
                }
            }
        }
        return entries;
    }

    private @Nullable Record next(Master file) {
        try {
            return file.nextRecord();
        } catch (TextParseException e) {
            Matcher where = WHERE.matcher(String.valueOf(e.getMessage()));
            throw where.matches()
                    ? invalid(Integer.parseInt(where.group(1)), where.group(2))
                    : invalid(lines.taken(), String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) { // some of what it cannot read, the library says in neither way
            throw invalid(lines.taken(), "cannot be read: " + e.getMessage());
        }
    }

    private boolean isAboutServers(Record record) {
        if (record.getType() == Type.SOA) {
            apex = record.getName();
            return true;
        }
        return record.getType() == Type.NS && record.getName().equals(apex);
    }

    private ObjectNode json(Record record) {
        String type = Type.string(record.getType());
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put(
                        "name",
                        DnsRecordText.withoutDot(record.getName().toString()).toLowerCase(Locale.ROOT))
                .put("ttl", record.getTTL());
        DnsRecordText.into(json, type, record.rdataToString());
        if (DnsRecordDraft.isOfHost(type)) {
            json.put("proxied", proxied);
        }
        ZoneFileComment.read(lines.last()).into(json);
        if (zone.name().isPresent() && !zone.holds(json.path("name").asString())) {
            throw invalid(
                    lines.taken(),
                    json.path("name").asString() + " is not in the zone "
                            + zone.name().get());
        }
        return json;
    }

    private static ApiProblem invalid(int line, String detail) {
        return ApiProblem.dnsRecord(ApiProblem.DNS_RECORD, "/file line " + line + ": " + detail);
    }
}
