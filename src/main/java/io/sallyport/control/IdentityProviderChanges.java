package io.sallyport.control;

import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.identity.IdpId;
import io.sallyport.saml.ProviderMetadata;
import io.sallyport.session.SessionLedger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes identity providers. */
final class IdentityProviderChanges {
    /** As the audit trail calls them. */
    static final String KIND = "identity_provider";

    private final Transactions transactions;
    private final AuditedRows<IdentityProviderRow> rows;
    private final StoredProviders providers;
    private final IdentityProviderViews views;
    private final References references;
    private final SamlImport samlImport;
    private final MetadataReadings readings;
    private final ScimSecrets scimSecrets;
    private final SessionLedger sessions;

    IdentityProviderChanges(
            Transactions transactions,
            StoredProviders providers,
            IdentityProviderViews views,
            References references,
            SamlImport samlImport,
            MetadataReadings readings,
            ScimSecrets scimSecrets,
            SessionLedger sessions,
            AdminAudit audit) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, IdentityProviderRow::id, views::of);
        this.providers = providers;
        this.views = views;
        this.references = references;
        this.samlImport = samlImport;
        this.readings = readings;
        this.scimSecrets = scimSecrets;
        this.sessions = sessions;
    }

    /** Filter {@code scim_enabled}. */
    Paged<ObjectNode> list(Query query) {
        return transactions.read(() -> {
            if (query.text("scim_enabled").isEmpty()) {
                return providers.page(query).map(views::of);
            }
            boolean enabled = query.flag("scim_enabled");
            return Paged.cut(
                    query.paging(),
                    providers.all().stream()
                            .filter(row -> isScimEnabled(row) == enabled)
                            .map(views::of)
                            .toList());
        });
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> views.of(providers.find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        Optional<ProviderMetadata> metadata = importMetadata(call, fields, MissingNode::getInstance);
        IdentityProviderDraft draft = IdentityProviderDraft.read(fields);
        return transactions.write(() -> {
            fields.uuid("saml_certificate_set_id").ifPresent(references::requireSamlCertificates);
            return withFirstSecret(noting(metadata, rows.create(call, () -> providers.add(draft))));
        });
    }

    /** A secret that is absent or null stays as it is, as long as it goes where it went. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        if (!fields.has("type")) { // it never changes, so leaving it out means nothing else
            fields.json().put("type", transactions.read(() -> providers.find(id).type()));
        }
        Optional<ProviderMetadata> metadata = importMetadata(call, fields, () -> get(id).path("config"));
        IdentityProviderDraft draft = IdentityProviderDraft.read(fields);
        return transactions.write(() -> {
            fields.uuid("saml_certificate_set_id").ifPresent(references::requireSamlCertificates);
            return withFirstSecret(noting(
                    metadata,
                    rows.change(call, "replace", () -> providers.find(id), row -> replace(row, draft, fields))));
        });
    }

    /** Whether a caller may write providers: by themselves, or with all else in one file. The others get here by planning only. */
    static boolean mayWrite(AdminCall call) {
        return Stream.of(ResourceKind.IDENTITY_PROVIDERS, ResourceKind.CONFIGURATION)
                .anyMatch(kind -> call.permissions().access(kind).holds(Access.WRITE));
    }

    private Optional<ProviderMetadata> importMetadata(AdminCall call, Fields fields, Supplier<JsonNode> stored) {
        if (mayWrite(call)) {
            return samlImport.fill(fields);
        }
        samlImport.fillUnread(fields, stored.get());
        return Optional.empty();
    }

    /** What was just read need not be read again for a day. */
    private ObjectNode noting(Optional<ProviderMetadata> metadata, ObjectNode view) {
        metadata.ifPresent(read -> readings.read(UUID.fromString(view.path("id").stringValue()), read, false));
        return view;
    }

    private void replace(IdentityProviderRow row, IdentityProviderDraft draft, Fields fields) {
        if (!row.type().equals(draft.type())) {
            throw fields.invalid("type", "cannot change; the provider is of type " + row.type());
        }
        draft.requireSecretsFor(views.of(row).path("config"), providers.exposeSecrets(row), fields);
        providers.change(row, draft);
    }

    /** A new secret for inbound SCIM; the directory must be told it, for the old one ends now. */
    ObjectNode refreshScimSecret(AdminCall call, UUID id) {
        return transactions.write(() -> {
            ObjectNode view = rows.change(call, "refresh_scim_secret", () -> providers.find(id), row -> {
                if (!isScimEnabled(row)) {
                    throw ApiProblem.invalid("/scim_config/enabled", "SCIM is not enabled for this provider");
                }
            });
            return reveal(view, scimSecrets.renew(id));
        });
    }

    /** A provider for which SCIM was just switched on gets its secret, in this one answer. */
    private ObjectNode withFirstSecret(ObjectNode view) {
        UUID id = UUID.fromString(view.path("id").stringValue());
        if (!isScimEnabled(providers.find(id))) {
            return view;
        }
        return scimSecrets.first(id).map(secret -> reveal(view, secret)).orElse(view);
    }

    private static boolean isScimEnabled(IdentityProviderRow row) {
        return row.body().path("scim_config").path("enabled").asBoolean(false);
    }

    private static ObjectNode reveal(ObjectNode view, ShownOnceSecret secret) {
        view.withObject("scim_config").put("secret", secret.revealOnce());
        return view;
    }

    /** Refused while a policy, group or application names it. Who came through it is signed out: nobody vouches for them any more. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> providers.find(id), row -> {
            references.refuseIfNamed(id);
            sessions.revokeProvider(new IdpId(id));
            providers.delete(row);
        });
    }

    /** Which secrets of a provider are stored. */
    Set<String> secretNames(UUID id) {
        return transactions.read(
                () -> new TreeSet<>(providers.exposeSecrets(providers.find(id)).propertyNames()));
    }

    /** Whether these secrets are the stored ones, so that sending them would change nothing. */
    boolean holds(UUID id, Map<String, String> secrets) {
        return transactions.read(() -> {
            ObjectNode stored = providers.exposeSecrets(providers.find(id));
            boolean same = true;
            for (Map.Entry<String, String> each : secrets.entrySet()) {
                same &= MessageDigest.isEqual(
                        stored.path(each.getKey()).asString("").getBytes(StandardCharsets.UTF_8),
                        each.getValue().getBytes(StandardCharsets.UTF_8));
            }
            return same;
        });
    }

    /** How the API shows it. */
    ObjectNode view(IdentityProviderRow row) {
        return views.of(row);
    }
}
