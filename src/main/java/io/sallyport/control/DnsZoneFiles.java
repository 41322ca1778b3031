package io.sallyport.control;

import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** DNS records as a zone file: out, and in, where all records come or none, and those that are there already stay as they are. */
final class DnsZoneFiles {
    private final Transactions transactions;
    private final DnsRecordChanges records;
    private final InstantSource clock;

    DnsZoneFiles(Transactions transactions, DnsRecordChanges records, InstantSource clock) {
        this.transactions = transactions;
        this.records = records;
        this.clock = clock;
    }

    /** All records of a zone, by name. */
    String write(ZoneDomain zone) {
        List<ObjectNode> sorted = records.in(zone).stream()
                .sorted(Comparator.comparing(
                                (ObjectNode record) -> record.path("name").asString())
                        .thenComparing(record -> record.path("type").asString()))
                .toList();
        return ZoneFileWriter.write(zone, sorted, clock.instant());
    }

    /** Makes what is new in the file. */
    ObjectNode read(AdminCall call, ZoneDomain zone, ZoneUpload upload) {
        List<ZoneFileReader.Entry> entries =
                ApiProblem.about(ApiProblem.DNS_RECORD, () -> ZoneFileReader.read(upload, zone));
        AdminCall unconditional = call.unconditional();
        int added = entries.isEmpty()
                ? 0
                : transactions.write(() -> {
                    Set<String> present = new HashSet<>();
                    records.in(zone).forEach(record -> present.add(key(record)));
                    int made = 0;
                    for (ZoneFileReader.Entry entry : entries) {
                        if (present.add(key(entry.json()))) {
                            make(unconditional, zone, entry);
                            made++;
                        }
                    }
                    return made;
                });
        return JsonNodeFactory.instance
                .objectNode()
                .put("recs_added", added)
                .put("total_records_parsed", entries.size());
    }

    private void make(AdminCall call, ZoneDomain zone, ZoneFileReader.Entry entry) {
        try {
            records.create(call, zone, Fields.of(entry.json()));
        } catch (ApiProblem problem) {
            throw problem.at("/file line " + entry.line());
        }
    }

    /** What two records have in common that say the same, however each was written. */
    private static String key(JsonNode record) {
        JsonNode whole = record.has("content") ? record : composed((ObjectNode) record.deepCopy());
        return ZoneFileWriter.record(whole)
                .map(one -> one.getName() + " " + one.getType() + " " + one.rdataToString())
                .orElse(DnsSpelling.kindOf(whole) + " " + whole.path("content").asString(""))
                .toLowerCase(Locale.ROOT);
    }

    private static ObjectNode composed(ObjectNode record) {
        String type = record.path("type").asString();
        if (record.path("data") instanceof ObjectNode data) {
            DnsRecordText.of(type, data).ifPresent(text -> record.put("content", text));
        }
        return record;
    }
}
