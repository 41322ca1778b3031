package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import io.sallyport.control.DnsRecordChanges.Led;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** DNS records, but for those that lead to a tunnel there is: they stand with the tunnel. */
record ConfigDnsRecords(DnsRecordChanges dns, TunnelChanges tunnels, Zones zones) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.DNS_RECORDS;
    }

    @Override
    public List<ObjectNode> all() {
        Set<UUID> living =
                ConfigTunnels.living(tunnels).stream().map(ConfigTunnels::idOf).collect(Collectors.toSet());
        return dns.all().stream()
                .filter(each -> each.tunnel() == null || !living.contains(each.tunnel()))
                .map(Led::view)
                .toList();
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return dns.create(call, zoneOf(body), body);
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        dns.replace(call, zoneOf(body), idOf(item), body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        dns.delete(call, ZoneDomain.ALL, idOf(item));
    }

    private static UUID idOf(Item item) {
        return Ids.parseCompact(item.id()).orElseThrow(ApiProblem::noSuchRecord);
    }

    /** In which zone a record is written; one that leads to a tunnel stands with the tunnel, or it would be in the file twice. */
    private ZoneDomain zoneOf(Fields record) {
        if (dns.isOfTunnel(record.json().path("content").asString(""))) {
            throw record.invalid("content", "leads to a tunnel: write the name among the tunnel's hostnames instead");
        }
        return zones.writing(record.json().path("name").asString(""));
    }
}
