package io.sallyport.control;

import io.sallyport.catalog.DnsRecordRepository;
import io.sallyport.catalog.DnsRecordRow;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and changes DNS records (spec/rest-api.md §15.4 and §16). An alias of a tunnel's name binds the hostname to that tunnel, in
 * the same transaction; deleting the tunnel leaves the record, which then leads nowhere, as in any DNS.
 */
final class DnsRecordChanges {
    private static final String KIND = "dns_record";
    private static final String NAME = "/name";
    private static final String ALIAS = "CNAME";
    private static final String STATE = "dns_update";

    private final Transactions transactions;
    private final DnsRecordRepository records;
    private final TunnelChanges tunnels;
    private final TunnelNames names;
    private final HostnameClaims claims;
    private final ReservedHosts reserved;
    private final DnsUpdates updates;
    private final AdminAudit audit;
    private final InstantSource clock;

    DnsRecordChanges(
            Transactions transactions,
            DnsRecordRepository records,
            TunnelChanges tunnels,
            TunnelNames names,
            HostnameClaims claims,
            ReservedHosts reserved,
            DnsUpdates updates,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.records = records;
        this.tunnels = tunnels;
        this.names = names;
        this.claims = claims;
        this.reserved = reserved;
        this.updates = updates;
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
        return transactions.read(() -> {
            Paged<DnsRecordRow> page = Filters.page(records, filter, query.paging());
            Map<String, String> pending = updates.pending(
                    page.items().stream().map(DnsRecordRow::name).toList());
            return page.map(row -> withState(row, view(row), pending));
        });
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

    /** The records that lead to a tunnel. */
    List<Led> to(UUID tunnel) {
        return transactions.read(() -> records.findByTunnelId(tunnel).stream()
                .map(DnsRecordChanges::led)
                .toList());
    }

    private static Led led(DnsRecordRow row) {
        return new Led(row.name(), row.tunnel(), view(row));
    }

    /** Whether a record with this content leads to a tunnel. */
    boolean isOfTunnel(String content) {
        return names.tunnel(content).isPresent();
    }

    ObjectNode get(ZoneDomain zone, UUID id) {
        return transactions.read(() -> {
            DnsRecordRow row = find(zone, id);
            return withState(row, view(row), updates.pending(List.of(row.name())));
        });
    }

    ObjectNode create(AdminCall call, ZoneDomain zone, Fields fields) {
        DnsRecordDraft draft = DnsRecordDraft.read(fields, zone);
        return written(ApiProblem.DNS_RECORD, told -> create(call, draft, told));
    }

    ObjectNode replace(AdminCall call, ZoneDomain zone, UUID id, Fields fields) {
        DnsRecordDraft draft = DnsRecordDraft.read(fields, zone);
        return written(ApiProblem.DNS_RECORD, told -> change(call, find(zone, id), draft, told));
    }

    /** What is absent stays. */
    ObjectNode merge(AdminCall call, ZoneDomain zone, UUID id, Fields fields) {
        return written(ApiProblem.DNS_RECORD, told -> {
            DnsRecordRow row = find(zone, id);
            ObjectNode merged = (ObjectNode) row.body().deepCopy();
            merged.setAll(fields.json());
            return change(call, row, DnsRecordDraft.read(Fields.of(merged), zone), told);
        });
    }

    void delete(AdminCall call, ZoneDomain zone, UUID id) {
        written(ApiProblem.DNS_RECORD, told -> {
            DnsRecordRow row = find(zone, id);
            call.requireMatch(view(row));
            remove(call, row, told);
            return row;
        });
    }

    private void remove(AdminCall call, DnsRecordRow row, Set<String> told) {
        release(row, told);
        records.delete(row);
        audit.record(call, "delete", KIND, row.id().toString(), view(row), null);
    }

    /** Does the work in one transaction, and tells the DNS server of the names it has put into the set afterwards. */
    private ObjectNode written(int code, Function<Set<String>, DnsRecordRow> work) {
        Set<String> told = new TreeSet<>();
        DnsRecordRow row = ApiProblem.about(code, () -> transactions.write(() -> work.apply(told)));
        if (!transactions.isWithinWrite()) { // what is a part of a larger write is told after that, when it is due
            told.forEach(updates::tell);
        }
        return withState(row, view(row), updates.pending(List.of(row.name())));
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
        ObjectNode record = written(ApiProblem.TUNNEL, told -> {
            tunnels.living(tunnel);
            List<DnsRecordRow> present = records.findByName(hostname).stream()
                    .filter(row -> DnsRecordDraft.isOfHost(row.type()))
                    .toList();
            if (present.isEmpty()) {
                how.set("new");
                return create(call, alias(hostname, tunnel), told);
            }
            DnsRecordRow first = present.getFirst();
            if (present.size() == 1 && tunnel.equals(first.tunnel())) {
                return first;
            }
            if (!overwrite) {
                throw ApiProblem.conflict(
                        "/user_hostname " + hostname
                                + " has a DNS record that leads elsewhere; overwrite_existing (-f on the command line) replaces it");
            }
            how.set("updated");
            present.stream().skip(1).forEach(row -> remove(call, row, told));
            records.flush();
            return change(call, first, alias(hostname, tunnel), told);
        });
        return routed(hostname, how.get(), record);
    }

    private static ObjectNode routed(String hostname, String how, ObjectNode record) {
        ObjectNode routed = JsonNodeFactory.instance
                .objectNode()
                .put("cname", how)
                .put("name", hostname)
                .put("dns_tag", record.path("id").stringValue());
        JsonNode state = record.path("meta").path(STATE);
        if (!state.isMissingNode()) {
            routed.set(STATE, state);
        }
        return routed;
    }

    private DnsRecordDraft alias(String hostname, UUID tunnel) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("type", "CNAME")
                .put("name", hostname)
                .put("content", names.of(tunnel))
                .put("proxied", true)
                .put("ttl", 1);
        return DnsRecordDraft.read(Fields.of(body), ZoneDomain.ALL);
    }

    private DnsRecordRow create(AdminCall call, DnsRecordDraft draft, Set<String> told) {
        requireAlone(draft, Optional.empty());
        UUID tunnel = bind(draft, told);
        Instant now = clock.instant();
        ObjectNode body = draft.dated(JsonNodeFactory.instance.objectNode(), now);
        DnsRecordRow row = records.saveAndFlush(
                new DnsRecordRow(UUID.randomUUID(), draft.name(), draft.type(), draft.content(), body, tunnel, now));
        audit.record(call, "create", KIND, row.id().toString(), null, view(row));
        return row;
    }

    private DnsRecordRow change(AdminCall call, DnsRecordRow row, DnsRecordDraft draft, Set<String> told) {
        ObjectNode before = view(row);
        call.requireMatch(before);
        requireAlone(draft, Optional.of(row.id()));
        release(row, told);
        UUID tunnel = bind(draft, told);
        Instant now = clock.instant();
        ObjectNode body = draft.dated(row.body(), now);
        row.change(draft.name(), draft.type(), draft.content(), body, tunnel, now);
        records.flush();
        audit.record(call, "replace", KIND, row.id().toString(), before, view(row));
        return row;
    }

    /** An alias has no records beside it (RFC 1034 §3.6.2). */
    private void requireAlone(DnsRecordDraft draft, Optional<UUID> except) {
        boolean crowded = records.findByName(draft.name()).stream()
                .filter(row -> !Optional.of(row.id()).equals(except))
                .anyMatch(row -> draft.isAlias()
                        ? DnsRecordDraft.isOfHost(row.type())
                        : draft.isOfHost() && row.type().equals(ALIAS));
        if (crowded) {
            throw ApiProblem.dnsRecord(
                    81053, "/name an A, AAAA or CNAME record of " + draft.name() + " exists already");
        }
    }

    /** @return the tunnel the record leads to, null when it leads elsewhere */
    private @Nullable UUID bind(DnsRecordDraft draft, Set<String> told) {
        if (!draft.isAlias()) {
            return null;
        }
        Optional<UUID> tunnel = names.tunnel(draft.content());
        told.add(draft.name());
        updates.wish(draft.name(), tunnel.map(names::of).orElse(draft.content()));
        if (tunnel.isEmpty()) {
            return null;
        }
        try {
            tunnels.living(tunnel.get());
        } catch (ApiProblem unknown) {
            throw ApiProblem.dnsRecord(ApiProblem.DNS_RECORD, "/content names a tunnel that does not exist");
        }
        reserved.refuse(draft.name(), NAME);
        claims.bind(draft.name(), tunnel.get(), HostnameClaims.Source.DNS, NAME);
        return tunnel.get();
    }

    private void release(DnsRecordRow row, Set<String> told) {
        if (row.type().equals(ALIAS)) {
            told.add(row.name());
            updates.wish(row.name(), null);
        }
        UUID tunnel = row.tunnel();
        if (tunnel != null) {
            claims.release(row.name(), tunnel, HostnameClaims.Source.DNS);
        }
    }

    private DnsRecordRow find(ZoneDomain zone, UUID id) {
        return records.findById(id).filter(row -> zone.holds(row.name())).orElseThrow(ApiProblem::noSuchRecord);
    }

    /** Says of an alias whether the DNS server was told. */
    private ObjectNode withState(DnsRecordRow row, ObjectNode view, Map<String, String> pending) {
        if (row.type().equals(ALIAS) && updates.covers(row.name())) {
            String error = pending.get(row.name());
            view.withObject("meta").put(STATE, error == null ? "done" : "pending: " + error);
        }
        return view;
    }

    private static ObjectNode view(DnsRecordRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", Ids.compact(row.id()))
                .put("proxied", false)
                .put("ttl", 1);
        view.putNull("comment");
        view.putArray("tags");
        view.putObject("settings");
        view.put("proxiable", DnsRecordDraft.isOfHost(row.type()));
        view.putObject("meta");
        row.body()
                .properties()
                .forEach(member -> view.set(member.getKey(), member.getValue().deepCopy()));
        view.put("type", row.type());
        view.set("created_on", ApiTimes.node(row.createdAt()));
        view.set("modified_on", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
