package io.sallyport.control;

import io.sallyport.catalog.DnsRecordRepository;
import io.sallyport.catalog.DnsRecordRow;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and changes DNS records (spec/rest-api.md §15.4 and §16). An alias of a tunnel's name binds the hostname to that tunnel, in
 * the same transaction; deleting the tunnel leaves the record, which then leads nowhere, as in any DNS.
 */
final class DnsRecordChanges {
    private static final String KIND = "dns_record";
    private static final String NAME = "/name";

    private final Transactions transactions;
    private final DnsRecordRepository records;
    private final TunnelChanges tunnels;
    private final TunnelNames names;
    private final HostnameClaims claims;
    private final ReservedHosts reserved;
    private final AdminAudit audit;
    private final InstantSource clock;

    DnsRecordChanges(
            Transactions transactions,
            DnsRecordRepository records,
            TunnelChanges tunnels,
            TunnelNames names,
            HostnameClaims claims,
            ReservedHosts reserved,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.records = records;
        this.tunnels = tunnels;
        this.names = names;
        this.claims = claims;
        this.reserved = reserved;
        this.audit = audit;
        this.clock = clock;
    }

    /** Filters {@code name}, {@code type}, {@code content} and {@code search}. */
    Paged<ObjectNode> list(Query query) {
        Optional<String> name = either(query, "name");
        Specification<DnsRecordRow> filter = Filters.<DnsRecordRow>is(
                        "name", name.map(text -> text.toLowerCase(Locale.ROOT)))
                .and(Filters.is("type", query.text("type").map(text -> text.toUpperCase(Locale.ROOT))))
                .and(Filters.is("content", either(query, "content")))
                .and(Filters.<DnsRecordRow>contains("name", query.text("search"))
                        .or(
                                query.text("search").isEmpty()
                                        ? Filters.contains("name", Optional.empty())
                                        : Filters.contains("content", query.text("search"))));
        return transactions.read(
                () -> Filters.page(records, filter, query.paging()).map(DnsRecordChanges::view));
    }

    private static Optional<String> either(Query query, String name) {
        return query.text(name).or(() -> query.text(name + ".exact"));
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        DnsRecordDraft draft = DnsRecordDraft.read(fields);
        return transactions.write(() -> create(call, draft));
    }

    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        DnsRecordDraft draft = DnsRecordDraft.read(fields);
        return transactions.write(() -> change(call, find(id), draft));
    }

    /** What is absent stays. */
    ObjectNode merge(AdminCall call, UUID id, Fields fields) {
        return transactions.write(() -> {
            DnsRecordRow row = find(id);
            ObjectNode merged = (ObjectNode) row.body().deepCopy();
            merged.setAll(fields.json());
            return change(call, row, DnsRecordDraft.read(Fields.of(merged)));
        });
    }

    void delete(AdminCall call, UUID id) {
        transactions.write(() -> {
            DnsRecordRow row = find(id);
            ObjectNode before = view(row);
            call.requireMatch(before);
            release(row);
            records.delete(row);
            audit.record(call, "delete", KIND, id.toString(), before, null);
            return before;
        });
    }

    /** Makes a hostname lead to a tunnel: {@code cloudflared tunnel route dns}. */
    ObjectNode route(AdminCall call, UUID tunnel, Fields fields) {
        String hostname = ApiProblem.about(ApiProblem.TUNNEL, () -> {
            if (!fields.requiredLine("type", 20).equals("dns")) {
                throw fields.invalid("type", "must be dns; load balancers are not offered");
            }
            return DnsRecordDraft.hostname(fields, "user_hostname", fields.requiredLine("user_hostname", 255));
        });
        boolean overwrite = fields.isSet("overwrite_existing");
        return transactions.write(() -> {
            tunnels.living(tunnel);
            DnsRecordDraft draft = alias(hostname, tunnel);
            List<DnsRecordRow> present = records.findByName(hostname).stream()
                    .filter(row -> DnsRecordDraft.isOfHost(row.type()))
                    .toList();
            if (present.isEmpty()) {
                return routed("new", create(call, draft));
            }
            DnsRecordRow first = present.getFirst();
            if (present.size() == 1 && tunnel.equals(first.tunnel())) {
                return routed("unchanged", view(first));
            }
            if (!overwrite) {
                throw ApiProblem.conflict("/user_hostname " + hostname
                        + " has a DNS record that leads elsewhere; overwrite_existing replaces it");
            }
            present.stream().skip(1).forEach(row -> {
                audit.record(call, "delete", KIND, row.id().toString(), view(row), null);
                release(row);
                records.delete(row);
            });
            records.flush();
            return routed("updated", change(call, first, draft));
        });
    }

    private DnsRecordDraft alias(String hostname, UUID tunnel) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("type", "CNAME")
                .put("name", hostname)
                .put("content", names.of(tunnel))
                .put("proxied", true)
                .put("ttl", 1);
        return DnsRecordDraft.read(Fields.of(body));
    }

    private static ObjectNode routed(String how, ObjectNode record) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("cname", how)
                .put("name", record.path("name").stringValue())
                .put("dns_tag", record.path("id").stringValue());
    }

    private ObjectNode create(AdminCall call, DnsRecordDraft draft) {
        requireAlone(draft, Optional.empty());
        UUID tunnel = bind(draft);
        DnsRecordRow row = records.saveAndFlush(new DnsRecordRow(
                UUID.randomUUID(), draft.name(), draft.type(), draft.content(), draft.body(), tunnel, clock.instant()));
        ObjectNode after = view(row);
        audit.record(call, "create", KIND, row.id().toString(), null, after);
        return after;
    }

    private ObjectNode change(AdminCall call, DnsRecordRow row, DnsRecordDraft draft) {
        ObjectNode before = view(row);
        call.requireMatch(before);
        requireAlone(draft, Optional.of(row.id()));
        release(row);
        UUID tunnel = bind(draft);
        row.change(draft.name(), draft.type(), draft.content(), draft.body(), tunnel, clock.instant());
        records.flush();
        ObjectNode after = view(row);
        audit.record(call, "replace", KIND, row.id().toString(), before, after);
        return after;
    }

    /** An alias has no records beside it (RFC 1034 §3.6.2). */
    private void requireAlone(DnsRecordDraft draft, Optional<UUID> except) {
        boolean crowded = records.findByName(draft.name()).stream()
                .filter(row -> !Optional.of(row.id()).equals(except))
                .anyMatch(row -> draft.isAlias()
                        ? DnsRecordDraft.isOfHost(row.type())
                        : draft.isOfHost() && row.type().equals("CNAME"));
        if (crowded) {
            throw ApiProblem.dnsRecord(
                    81053, "/name an A, AAAA or CNAME record of " + draft.name() + " exists already");
        }
    }

    /** @return the tunnel the record leads to, null when it leads elsewhere */
    private @Nullable UUID bind(DnsRecordDraft draft) {
        Optional<UUID> tunnel = draft.isAlias() ? names.tunnel(draft.content()) : Optional.empty();
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

    private void release(DnsRecordRow row) {
        UUID tunnel = row.tunnel();
        if (tunnel != null) {
            claims.release(row.name(), tunnel, HostnameClaims.Source.DNS);
        }
    }

    private DnsRecordRow find(UUID id) {
        return records.findById(id).orElseThrow(ApiProblem::noSuchRecord);
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
