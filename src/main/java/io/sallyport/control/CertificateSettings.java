package io.sallyport.control;

import io.sallyport.http.HostName;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and changes hosts' settings of client certificates: one list, which the API replaces as a
 * whole and the configuration file host by host.
 */
final class CertificateSettings {
    private static final String KIND = "certificate_settings";
    private static final String HOSTNAME = "hostname";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final AdminAudit audit;

    CertificateSettings(Transactions transactions, JdbcClient jdbc, AdminAudit audit) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.audit = audit;
    }

    /** The settings of all hosts. */
    ArrayNode all() {
        return transactions.read(this::stored);
    }

    /** Replaces the settings of all hosts. */
    ArrayNode replace(AdminCall call, Fields fields) {
        ArrayNode wanted = JSON.createArrayNode();
        Set<String> hosts = new HashSet<>();
        for (Fields each : fields.objects("settings", Limits.ENTRIES)) {
            ObjectNode setting = setting(each);
            if (!hosts.add(host(setting))) {
                throw each.invalid(HOSTNAME, "is there twice");
            }
            wanted.add(setting);
        }
        return change(call, present -> wanted);
    }

    /** Replaces one host's settings. */
    void put(AdminCall call, Fields fields) {
        ObjectNode setting = setting(fields);
        change(call, present -> {
            ArrayNode wanted = without(present, host(setting));
            if (wanted.size() >= Limits.ENTRIES) {
                throw fields.invalid(HOSTNAME, "is one too many: there are " + Limits.ENTRIES + " already, the limit");
            }
            return wanted.add(setting);
        });
    }

    /** Removes a host's settings. */
    void remove(AdminCall call, String host) {
        change(call, present -> without(present, host));
    }

    private static ArrayNode without(ArrayNode present, String host) {
        ArrayNode others = JSON.createArrayNode();
        present.forEach(each -> {
            if (!host(each).equals(host)) {
                others.add(each);
            }
        });
        return others;
    }

    private ArrayNode change(AdminCall call, UnaryOperator<ArrayNode> change) {
        return transactions.write(() -> {
            ArrayNode before = stored();
            call.requireMatch(before);
            ArrayNode wanted = change.apply(before);
            jdbc.sql("update certificate_settings set body = cast(? as jsonb)")
                    .param(wanted.toString())
                    .update();
            audit.record(call, "replace", KIND, KIND, before, wanted);
            return stored();
        });
    }

    private static ObjectNode setting(Fields fields) {
        CertificateChanges.requireHostName(fields.requiredLine(HOSTNAME, 253), fields.pointerTo(HOSTNAME));
        ObjectNode kept = fields.keptExcept(Set.of());
        kept.put("china_network", fields.isSet("china_network"));
        kept.put("client_certificate_forwarding", fields.isSet("client_certificate_forwarding"));
        return kept;
    }

    /** The normalised host of a setting, which is stored as it was written. */
    static String host(JsonNode setting) {
        String written = setting.path(HOSTNAME).asString("");
        return HostName.parse(written).map(HostName::value).orElse(written);
    }

    private ArrayNode stored() {
        return (ArrayNode) JSON.readTree(jdbc.sql("select body from certificate_settings")
                .query(String.class)
                .single());
    }
}
