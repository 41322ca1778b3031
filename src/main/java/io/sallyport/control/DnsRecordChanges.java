package io.sallyport.control;

import io.sallyport.catalog.DnsRecordRepository;
import io.sallyport.catalog.DnsRecordRow;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and changes DNS records. An alias of a tunnel's name binds the hostname to that tunnel, in
 * the same transaction; deleting the tunnel leaves the record, which then leads nowhere, as in any DNS.
 */
final class DnsRecordChanges {
    private static final String KIND = "dns_record";

    private final Transactions transactions;
    private final DnsRecordRepository records;
    private final DnsAliases aliases;
    private final DnsRecordViews views;
    private final AdminAudit audit;
    private final InstantSource clock;

    DnsRecordChanges(
            Transactions transactions,
            DnsRecordRepository records,
            DnsAliases aliases,
            DnsRecordViews views,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.records = records;
        this.aliases = aliases;
        this.views = views;
        this.audit = audit;
        this.clock = clock;
    }

    /** Filters {@code name}, {@code type}, {@code content} and {@code search}. */
    Paged<ObjectNode> list(ZoneDomain zone, Query query) {
        Optional<String> name = either(query, "name");
        Specification<DnsRecordRow> filter = Filters.<DnsRecordRow>is(
                        "name", name.map(text -> text.toLowerCase(Locale.ROOT)))
                .and(Filters.within("name", zone))
                .and(Filters.is("type", query.text("type").map(text -> text.toUpperCase(Locale.ROOT))))
                .and(Filters.is("content", either(query, "content")))
                .and(Filters.<DnsRecordRow>contains("name", query.text("search"))
                        .or(
                                query.text("search").isEmpty()
                                        ? Filters.contains("name", Optional.empty())
                                        : Filters.contains("content", query.text("search"))));
        return transactions.read(() -> views.withState(Filters.page(records, filter, query.paging())));
    }

    private static Optional<String> either(Query query, String name) {
        return query.text(name).or(() -> query.text(name + ".exact"));
    }

    /**
     * A record and where it leads.
     *
     * @param name in normal form
     * @param tunnel null when it leads elsewhere
     */
    record Led(String name, @Nullable UUID tunnel, ObjectNode view) {}

    /** All records. */
    List<Led> all() {
        return transactions.read(() -> records.findAll(Filters.BY_AGE).stream()
                .map(DnsRecordChanges::led)
                .toList());
    }

    /** All records of a zone, the oldest first. */
    List<ObjectNode> in(ZoneDomain zone) {
        return transactions.read(
                () -> records.findAll(Filters.<DnsRecordRow>within("name", zone), Filters.BY_AGE).stream()
                        .map(DnsRecordViews::of)
                        .toList());
    }

    /** The records that lead to a tunnel. */
    List<Led> to(UUID tunnel) {
        return transactions.read(() -> records.findByTunnelId(tunnel).stream()
                .map(DnsRecordChanges::led)
                .toList());
    }

    private static Led led(DnsRecordRow row) {
        return new Led(row.name(), row.tunnel(), DnsRecordViews.of(row));
    }

    /** Whether a record with this content leads to a tunnel. */
    boolean isOfTunnel(String content) {
        return aliases.isOfTunnel(content);
    }

    ObjectNode get(ZoneDomain zone, UUID id) {
        return transactions.read(() -> views.withState(find(zone, id)));
    }

    ObjectNode create(AdminCall call, ZoneDomain zone, Fields fields) {
        DnsRecordDraft draft = DnsRecordDraft.read(fields, zone);
        return written(ApiProblem.DNS_RECORD, untold -> create(call, draft, untold));
    }

    ObjectNode replace(AdminCall call, ZoneDomain zone, UUID id, Fields fields) {
        DnsRecordDraft draft = DnsRecordDraft.read(fields, zone);
        return written(ApiProblem.DNS_RECORD, untold -> change(call, find(zone, id), draft, untold));
    }

    /** What is absent stays. */
    ObjectNode merge(AdminCall call, ZoneDomain zone, UUID id, Fields fields) {
        return written(ApiProblem.DNS_RECORD, untold -> {
            DnsRecordRow row = find(zone, id);
            ObjectNode merged = (ObjectNode) row.body().deepCopy();
            merged.setAll(fields.json());
            return change(call, row, DnsRecordDraft.read(Fields.of(merged), zone), untold);
        });
    }

    void delete(AdminCall call, ZoneDomain zone, UUID id) {
        written(ApiProblem.DNS_RECORD, untold -> {
            DnsRecordRow row = find(zone, id);
            call.requireMatch(DnsRecordViews.of(row));
            remove(call, row, untold);
            return row;
        });
    }

    private void remove(AdminCall call, DnsRecordRow row, Set<String> untold) {
        aliases.release(row, untold);
        records.delete(row);
        audit.record(call, "delete", KIND, row.id().toString(), DnsRecordViews.of(row), null);
    }

    /** Does the work in one transaction, and tells the DNS server of the names it has put into the set afterwards. */
    private ObjectNode written(int code, Function<Set<String>, DnsRecordRow> work) {
        Set<String> untold = new TreeSet<>();
        DnsRecordRow row = ApiProblem.about(code, () -> transactions.write(() -> work.apply(untold)));
        if (!transactions.isWithinWrite()) { // what is part of a larger write is told after that, when it is due
            aliases.tell(untold);
        }
        return views.withState(row);
    }

    /** Makes a hostname lead to a tunnel: {@code cloudflared tunnel route dns}. */
    ObjectNode route(AdminCall call, ZoneDomain zone, UUID tunnel, Fields fields) {
        String hostname = ApiProblem.about(ApiProblem.TUNNEL, () -> {
            if (!fields.requiredLine("type", 20).equals("dns")) {
                throw fields.invalid("type", "must be dns; load balancers are not offered");
            }
            return DnsRecordDraft.hostname(fields, "user_hostname", fields.requiredLine("user_hostname", 255), zone);
        });
        boolean overwrite = fields.isSet("overwrite_existing");
        AtomicReference<String> how = new AtomicReference<>("unchanged");
        ObjectNode record = written(ApiProblem.TUNNEL, untold -> {
            DnsRecordDraft alias = aliases.to(tunnel, hostname);
            List<DnsRecordRow> present = records.findByName(hostname).stream()
                    .filter(row -> DnsRecordDraft.isOfHost(row.type()))
                    .toList();
            if (present.isEmpty()) {
                how.set("new");
                return create(call, alias, untold);
            }
            DnsRecordRow first = present.getFirst();
            if (present.size() == 1 && tunnel.equals(first.tunnel())) {
                return first;
            }
            if (!overwrite) {
                throw ApiProblem.conflict("/user_hostname " + hostname
                        + " has a DNS record that leads elsewhere, to "
                        + DnsRecordViews.of(first).path("content").asString("")
                        + "; overwrite_existing (-f on the command line) replaces it");
            }
            how.set("updated");
            present.stream().skip(1).forEach(row -> remove(call, row, untold));
            records.flush();
            return change(call, first, alias, untold);
        });
        return DnsRecordViews.routed(hostname, how.get(), record);
    }

    private DnsRecordRow create(AdminCall call, DnsRecordDraft draft, Set<String> untold) {
        requireAlone(draft, Optional.empty());
        UUID tunnel = aliases.bind(draft, untold);
        Instant now = clock.instant();
        ObjectNode body = draft.dated(JsonNodeFactory.instance.objectNode(), now);
        DnsRecordRow row = records.saveAndFlush(
                new DnsRecordRow(UUID.randomUUID(), draft.name(), draft.type(), draft.content(), body, tunnel, now));
        audit.record(call, "create", KIND, row.id().toString(), null, DnsRecordViews.of(row));
        return row;
    }

    private DnsRecordRow change(AdminCall call, DnsRecordRow row, DnsRecordDraft draft, Set<String> untold) {
        ObjectNode before = DnsRecordViews.of(row);
        call.requireMatch(before);
        requireAlone(draft, Optional.of(row.id()));
        aliases.release(row, untold);
        UUID tunnel = aliases.bind(draft, untold);
        Instant now = clock.instant();
        ObjectNode body = draft.dated(row.body(), now);
        row.change(draft.name(), draft.type(), draft.content(), body, tunnel, now);
        records.flush();
        audit.record(call, "replace", KIND, row.id().toString(), before, DnsRecordViews.of(row));
        return row;
    }

    /** An alias has no records beside it (RFC 1034 §3.6.2). */
    private void requireAlone(DnsRecordDraft draft, Optional<UUID> except) {
        boolean crowded = records.findByName(draft.name()).stream()
                .filter(row -> !Optional.of(row.id()).equals(except))
                .anyMatch(row -> draft.isAlias()
                        ? DnsRecordDraft.isOfHost(row.type())
                        : draft.isOfHost() && row.type().equals(DnsRecordDraft.ALIAS));
        if (crowded) {
            throw ApiProblem.dnsRecord(
                    81053, "/name an A, AAAA or CNAME record of " + draft.name() + " exists already");
        }
    }

    private DnsRecordRow find(ZoneDomain zone, UUID id) {
        return records.findById(id).filter(row -> zone.holds(row.name())).orElseThrow(ApiProblem::noSuchRecord);
    }
}
