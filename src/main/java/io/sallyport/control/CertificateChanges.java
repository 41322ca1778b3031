package io.sallyport.control;

import io.sallyport.catalog.CertificateRepository;
import io.sallyport.catalog.CertificateRow;
import io.sallyport.http.HostName;
import io.sallyport.mtls.Pem;
import io.sallyport.mtls.Revocation;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and changes client certificate authorities. Only hosts associated with an authority ask
 * visitors for a certificate. Beside what stock clients know, an authority has {@code revocation} and an uploaded
 * {@code crl}; a {@code PUT} that does not mention them leaves them, because stock clients never do.
 */
final class CertificateChanges {
    private static final String KIND = "certificate";
    private static final String HOSTNAMES = "associated_hostnames";
    private static final String REVOCATION = "revocation";
    private static final String LIST = "crl";
    /** An unset time as Go clients send it. */
    private static final String UNSET_TIME = "0001-01-01T00:00:00Z";

    private static final int LONGEST_PEM = 100_000;
    private static final int LONGEST_LIST = 4_000_000;
    private static final int MOST = 50;

    private static final Set<String> REVOCATIONS =
            Arrays.stream(Revocation.values()).map(Revocation::word).collect(Collectors.toUnmodifiableSet());

    private static final Set<String> NOT_IN_BODY = Set.of(
            "id",
            "name",
            "certificate",
            "fingerprint",
            "expires_on",
            "created_at",
            "updated_at",
            "crl_next_update",
            REVOCATION,
            LIST,
            HOSTNAMES);

    private final Transactions transactions;
    private final AuditedRows<CertificateRow> rows;
    private final CertificateRepository certificates;
    private final InstantSource clock;

    CertificateChanges(
            Transactions transactions, CertificateRepository certificates, AdminAudit audit, InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, CertificateRow::id, CertificateChanges::view);
        this.certificates = certificates;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        return transactions.read(() -> Filters.page(certificates, Filters.byName(query), query.paging())
                .map(CertificateChanges::view));
    }

    /** All authorities with their certificates, which are no secret. */
    List<ObjectNode> whole() {
        return transactions.read(() -> certificates.findAll(Filters.BY_AGE).stream()
                .map(CertificateChanges::whole)
                .toList());
    }

    private static ObjectNode whole(CertificateRow row) {
        ObjectNode whole = view(row).put("certificate", row.pem());
        if (row.revocation().equals(Revocation.NAMED.word())) {
            whole.remove(REVOCATION);
        }
        whole.remove("crl_next_update");
        if (row.crl() != null) {
            whole.put(LIST, row.crl());
        }
        return whole;
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        X509Certificate certificate = authority(fields);
        String fingerprint = fingerprint(certificate);
        ObjectNode body = body(fields);
        Optional<String> revocation = fields.oneOf(REVOCATION, REVOCATIONS);
        String list = list(fields, certificate);
        return rows.create(call, () -> {
            if (certificates.count() >= MOST) {
                throw fields.invalid("certificate", "is one too many: there are " + MOST + " already, the limit");
            }
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
            row.prove(revocation.orElse(row.revocation()), list);
            return row;
        });
    }

    /**
     * The certificate cannot change; the hosts are required, the name is optional. For clients that cannot send an
     * empty list, missing hosts mean no hosts.
     */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        if (!fields.mentions(HOSTNAMES) && !leavesEmptyListsAway(fields.json())) {
            throw fields.invalid(HOSTNAMES, "is required");
        }
        ObjectNode body = body(fields);
        Optional<String> revocation = fields.oneOf(REVOCATION, REVOCATIONS);
        return rows.change(call, "replace", () -> find(id), row -> {
            row.change(fields.line("name", Limits.NAME).orElse(row.name()), body, clock.instant());
            row.prove(
                    revocation.orElse(row.revocation()), fields.mentions(LIST) ? list(fields, stored(row)) : row.crl());
        });
    }

    /**
     * Whether the body is one by which Terraform's providers empty the list before a deletion: provider 5 sends an
     * empty body, provider 4 one with an unset {@code expires_on}, which identifies its client library.
     */
    private static boolean leavesEmptyListsAway(ObjectNode body) {
        return body.isEmpty() || body.path("expires_on").asString("").equals(UNSET_TIME);
    }

    /** Refused while a host asks for it: Terraform empties the list first. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            if (!row.body().path(HOSTNAMES).isEmpty()) {
                throw ApiProblem.conflict("/associated_hostnames must be emptied first");
            }
            certificates.delete(row);
        });
    }

    private static ObjectNode body(Fields fields) {
        ObjectNode body = fields.keptExcept(NOT_IN_BODY);
        ArrayNode hosts = body.putArray(HOSTNAMES);
        List<String> names = fields.lines(HOSTNAMES, Limits.ENTRIES, 253);
        for (int i = 0; i < names.size(); i++) {
            hosts.add(requireHostName(names.get(i), fields.pointerTo(HOSTNAMES) + "/" + i));
        }
        return body;
    }

    /** The normal form of a host's name. */
    static String requireHostName(String text, String pointer) {
        return HostName.parse(text)
                .map(HostName::value)
                .orElseThrow(() -> ApiProblem.invalid(pointer, "must be a host name"));
    }

    private static X509Certificate authority(Fields fields) {
        String pem =
                fields.text("certificate", LONGEST_PEM).orElseThrow(() -> fields.invalid("certificate", "is required"));
        try {
            return Pem.authority(pem);
        } catch (Pem.Unusable unusable) {
            throw fields.invalid("certificate", String.valueOf(unusable.getMessage()));
        }
    }

    /**
     * A revocation list of this authority; null when there is none. An expired list is accepted, but makes every
     * certificate invalid; lint warns of it.
     */
    private static @Nullable String list(Fields fields, X509Certificate authority) {
        Optional<String> pem = fields.text(LIST, LONGEST_LIST).filter(text -> !text.isBlank());
        if (pem.isEmpty()) {
            return null;
        }
        try {
            Pem.list(pem.get()).verify(authority.getPublicKey());
            return pem.get();
        } catch (Pem.Unusable unusable) {
            throw fields.invalid(LIST, String.valueOf(unusable.getMessage()));
        } catch (GeneralSecurityException foreign) {
            throw fields.invalid(LIST, "is not signed by this authority");
        }
    }

    private static X509Certificate stored(CertificateRow row) {
        try {
            return Pem.authority(row.pem());
        } catch (Pem.Unusable unusable) {
            throw ApiProblem.conflict("the stored certificate cannot be read: " + unusable.getMessage());
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

    /** When the uploaded list ends; it is never returned itself, like the certificate. */
    private static Optional<Instant> nextUpdate(String list) {
        try {
            return Optional.ofNullable(Pem.list(list).getNextUpdate()).map(Date::toInstant);
        } catch (Pem.Unusable unreadable) {
            return Optional.empty();
        }
    }

    private static ObjectNode view(CertificateRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("name", row.name())
                .put("fingerprint", row.fingerprint());
        row.body().properties().forEach(member -> view.set(member.getKey(), member.getValue()));
        view.put(REVOCATION, row.revocation());
        if (row.crl() != null) {
            nextUpdate(row.crl()).ifPresent(next -> view.set("crl_next_update", ApiTimes.node(next)));
        }
        view.set("expires_on", ApiTimes.node(row.expiresOn()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
