package io.sallyport.control;

import io.sallyport.catalog.CertificateRepository;
import io.sallyport.catalog.CertificateRow;
import io.sallyport.http.HostName;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and changes client certificate authorities and the settings of their hosts (spec/rest-api.md §8). Their
 * hosts demand a certificate; an application on one of them admits nobody, as long as the listeners ask for none.
 */
final class CertificateChanges {
    private static final String KIND = "certificate";
    private static final String HOSTNAMES = "associated_hostnames";
    private static final int LONGEST_PEM = 100_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Set<String> NOT_IN_BODY =
            Set.of("id", "name", "certificate", "fingerprint", "expires_on", "created_at", "updated_at", HOSTNAMES);

    private final Transactions transactions;
    private final CertificateRepository certificates;
    private final JdbcClient jdbc;
    private final AdminAudit audit;
    private final InstantSource clock;

    CertificateChanges(
            Transactions transactions,
            CertificateRepository certificates,
            JdbcClient jdbc,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.certificates = certificates;
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        return transactions.read(() -> Filters.page(certificates, Filters.byName(query), query.paging())
                .map(CertificateChanges::view));
    }

    /** All authorities with their certificates, which are no secret. */
    List<ObjectNode> whole() {
        return transactions.read(() -> certificates.findAll(Filters.BY_AGE).stream()
                .map(row -> view(row).put("certificate", row.pem()))
                .toList());
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        X509Certificate certificate = authority(fields);
        String fingerprint = fingerprint(certificate);
        ObjectNode body = body(fields);
        return transactions.write(() -> {
            if (certificates.findAll().stream()
                    .anyMatch(row -> row.fingerprint().equals(fingerprint))) {
                throw ApiProblem.conflict("this certificate is there already");
            }
            CertificateRow row = certificates.save(new CertificateRow(
                    UUID.randomUUID(),
                    name,
                    fields.text("certificate", LONGEST_PEM).orElseThrow(),
                    fingerprint,
                    certificate.getNotAfter().toInstant(),
                    body,
                    clock.instant()));
            ObjectNode after = view(row);
            audit.record(call, "create", KIND, row.id().toString(), null, after);
            return after;
        });
    }

    /** The certificate itself stays; the hosts are required, the name is not. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        if (!fields.mentions(HOSTNAMES)) {
            throw fields.invalid(HOSTNAMES, "is required");
        }
        ObjectNode body = body(fields);
        return transactions.write(() -> {
            CertificateRow row = find(id);
            ObjectNode before = view(row);
            call.requireMatch(before);
            row.change(fields.line("name", Limits.NAME).orElse(row.name()), body, clock.instant());
            ObjectNode after = view(row);
            audit.record(call, "replace", KIND, id.toString(), before, after);
            return after;
        });
    }

    /** Refused while a host asks for it: Terraform empties the list first. */
    void delete(AdminCall call, UUID id) {
        transactions.write(() -> {
            CertificateRow row = find(id);
            ObjectNode before = view(row);
            call.requireMatch(before);
            if (!row.body().path(HOSTNAMES).isEmpty()) {
                throw ApiProblem.conflict("/associated_hostnames must be emptied first");
            }
            certificates.delete(row);
            audit.record(call, "delete", KIND, id.toString(), before, null);
            return before;
        });
    }

    /** The settings of all hosts. */
    ArrayNode settings() {
        return transactions.read(this::storedSettings);
    }

    /** Replaces the settings of all hosts. */
    ArrayNode replaceSettings(AdminCall call, Fields fields) {
        ArrayNode wanted = JSON.createArrayNode();
        for (Fields setting : fields.objects("settings", Limits.ENTRIES)) {
            setting.requiredLine("hostname", 253);
            hostName(setting.json().get("hostname").stringValue(), setting.pointerTo("hostname"));
            ObjectNode kept = setting.keptExcept(Set.of());
            kept.put("china_network", setting.isSet("china_network"));
            kept.put("client_certificate_forwarding", setting.isSet("client_certificate_forwarding"));
            wanted.add(kept);
        }
        return transactions.write(() -> {
            ArrayNode before = storedSettings();
            jdbc.sql("update certificate_settings set body = cast(? as jsonb)")
                    .param(wanted.toString())
                    .update();
            audit.record(call, "replace", "certificate_settings", "certificate_settings", before, wanted);
            return storedSettings();
        });
    }

    private ArrayNode storedSettings() {
        String body = jdbc.sql("select body from certificate_settings")
                .query(String.class)
                .single();
        return (ArrayNode) JSON.readTree(body);
    }

    private static ObjectNode body(Fields fields) {
        ObjectNode body = fields.keptExcept(NOT_IN_BODY);
        ArrayNode hosts = body.putArray(HOSTNAMES);
        List<String> names = fields.lines(HOSTNAMES, Limits.ENTRIES, 253);
        for (int i = 0; i < names.size(); i++) {
            hosts.add(hostName(names.get(i), fields.pointerTo(HOSTNAMES) + "/" + i));
        }
        return body;
    }

    private static String hostName(String text, String pointer) {
        return HostName.parse(text)
                .map(HostName::value)
                .orElseThrow(() -> ApiProblem.invalid(pointer, "must be a host name"));
    }

    private static X509Certificate authority(Fields fields) {
        String pem =
                fields.text("certificate", LONGEST_PEM).orElseThrow(() -> fields.invalid("certificate", "is required"));
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (certificate.getBasicConstraints() < 0) {
                throw fields.invalid("certificate", "is no authority's: basicConstraints does not say CA");
            }
            return certificate;
        } catch (GeneralSecurityException e) {
            throw fields.invalid("certificate", "must be an X.509 certificate in PEM");
        }
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a parsed certificate has an encoding, and every JDK has SHA-256", e);
        }
    }

    private CertificateRow find(UUID id) {
        return certificates.findById(id).orElseThrow(ApiProblem::notFound);
    }

    private static ObjectNode view(CertificateRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("name", row.name())
                .put("fingerprint", row.fingerprint());
        row.body().properties().forEach(member -> view.set(member.getKey(), member.getValue()));
        view.set("expires_on", ApiTimes.node(row.expiresOn()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
