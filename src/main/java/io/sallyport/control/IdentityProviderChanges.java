package io.sallyport.control;

import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.identity.IdpId;
import io.sallyport.session.SessionLedger;
import io.sallyport.token.KeyWrapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes identity providers (spec/rest-api.md §6). */
final class IdentityProviderChanges {
    private static final String KIND = "identity_provider";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Transactions transactions;
    private final AuditedRows<IdentityProviderRow> rows;
    private final IdentityProviderRepository providers;
    private final References references;
    private final KeyWrapper wrapper;
    private final SamlImport samlImport;
    private final ScimSecrets scimSecrets;
    private final TeamDomain team;
    private final SessionLedger sessions;
    private final AdminAudit audit;
    private final InstantSource clock;

    IdentityProviderChanges(
            Transactions transactions,
            IdentityProviderRepository providers,
            References references,
            KeyWrapper wrapper,
            SamlImport samlImport,
            ScimSecrets scimSecrets,
            TeamDomain team,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, IdentityProviderRow::id, this::view);
        this.providers = providers;
        this.references = references;
        this.wrapper = wrapper;
        this.samlImport = samlImport;
        this.scimSecrets = scimSecrets;
        this.team = team;
        this.sessions = sessions;
        this.audit = audit;
        this.clock = clock;
    }

    /** Filter {@code scim_enabled}. */
    Paged<ObjectNode> list(Query query) {
        return transactions.read(() -> {
            if (query.text("scim_enabled").isEmpty()) {
                Specification<IdentityProviderRow> all = Filters.byName(query);
                return Filters.page(providers, all, query.paging()).map(this::view);
            }
            boolean enabled = query.flag("scim_enabled");
            return Paged.cut(
                    query.paging(),
                    providers.findAll(Filters.BY_AGE).stream()
                            .filter(row -> row.body()
                                            .path("scim_config")
                                            .path("enabled")
                                            .asBoolean(false)
                                    == enabled)
                            .map(this::view)
                            .toList());
        });
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        samlImport.fill(fields);
        IdentityProviderDraft draft = IdentityProviderDraft.read(fields);
        return transactions.write(() -> {
            fields.uuid("saml_certificate_set_id").ifPresent(references::requireSamlCertificates);
            UUID id = UUID.randomUUID();
            byte[] secret = wrap(id, draft.secrets());
            ObjectNode made = rows.create(
                    call,
                    () -> providers.save(new IdentityProviderRow(
                            id, draft.name(), draft.type(), draft.body(), secret, clock.instant())));
            return withFirstSecret(id, made);
        });
    }

    /** A secret that is absent or null stays as it is, as long as it goes where it went. */
    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        if (!fields.has("type")) { // it never changes, so leaving it out means nothing else
            fields.json().put("type", transactions.read(() -> find(id).type()));
        }
        samlImport.fill(fields);
        IdentityProviderDraft draft = IdentityProviderDraft.read(fields);
        return transactions.write(() -> {
            fields.uuid("saml_certificate_set_id").ifPresent(references::requireSamlCertificates);
            ObjectNode changed = rows.change(call, "replace", () -> find(id), row -> replace(row, draft, fields));
            return withFirstSecret(id, changed);
        });
    }

    private void replace(IdentityProviderRow row, IdentityProviderDraft draft, Fields fields) {
        if (!row.type().equals(draft.type())) {
            throw fields.invalid("type", "cannot change; the provider is of type " + row.type());
        }
        ObjectNode secrets = unwrap(row);
        draft.requireSecretsFor(view(row).path("config"), secrets, fields);
        secrets.setAll(draft.secrets());
        byte[] secret = draft.secrets().isEmpty() ? row.secret() : wrap(row.id(), secrets);
        row.change(draft.name(), draft.body(), secret, clock.instant());
    }

    /** A new secret for inbound SCIM; the directory must be told it, for the old one ends now. */
    ObjectNode refreshScimSecret(AdminCall call, UUID id) {
        return transactions.write(() -> {
            IdentityProviderRow row = find(id);
            call.requireMatch(view(row));
            if (!scimEnabled(row)) {
                throw ApiProblem.invalid("/scim_config/enabled", "SCIM is not enabled for this provider");
            }
            ShownOnceSecret secret = scimSecrets.renew(id, clock.instant());
            ObjectNode after = view(row);
            audit.record(call, "refresh_scim_secret", KIND, id.toString(), after, after);
            return reveal(after, secret);
        });
    }

    /** A provider for which SCIM was just switched on gets its secret, in this one answer. */
    private ObjectNode withFirstSecret(UUID id, ObjectNode view) {
        if (!scimEnabled(find(id))) {
            return view;
        }
        providers.flush();
        return scimSecrets
                .first(id, clock.instant())
                .map(secret -> reveal(view, secret))
                .orElse(view);
    }

    private static boolean scimEnabled(IdentityProviderRow row) {
        return row.body().path("scim_config").path("enabled").asBoolean(false);
    }

    private static ObjectNode reveal(ObjectNode view, ShownOnceSecret secret) {
        view.withObject("scim_config").put("secret", secret.revealOnce());
        return view;
    }

    /** Refused while a policy, group or application names it. Who came through it is signed out: nobody vouches for them any more. */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            references.refuseIfNamed(id);
            sessions.revokeProvider(new IdpId(id));
            providers.delete(row);
        });
    }

    /** Which secrets of a provider are stored. */
    Set<String> secretNames(UUID id) {
        return transactions.read(() -> new TreeSet<>(unwrap(find(id)).propertyNames()));
    }

    /** Whether these secrets are the stored ones, so that sending them would change nothing. */
    boolean holds(UUID id, Map<String, String> secrets) {
        return transactions.read(() -> {
            ObjectNode stored = unwrap(find(id));
            boolean same = true;
            for (Map.Entry<String, String> each : secrets.entrySet()) {
                same &= MessageDigest.isEqual(
                        stored.path(each.getKey()).asString("").getBytes(StandardCharsets.UTF_8),
                        each.getValue().getBytes(StandardCharsets.UTF_8));
            }
            return same;
        });
    }

    private byte @Nullable [] wrap(UUID id, ObjectNode secrets) {
        return secrets.isEmpty()
                ? null
                : wrapper.wrap(
                        IdentityProviderRow.secretRecord(id), secrets.toString().getBytes(StandardCharsets.UTF_8));
    }

    private ObjectNode unwrap(IdentityProviderRow row) {
        byte[] wrapped = row.secret();
        if (wrapped == null) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return (ObjectNode) JSON.readTree(wrapper.unwrap(row.secretRecord(), wrapped));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the master key does not open the secrets of provider " + row.id(), e);
        }
    }

    private IdentityProviderRow find(UUID id) {
        return providers.findById(id).orElseThrow(ApiProblem::notFound);
    }

    /** How the API shows it. */
    ObjectNode view(IdentityProviderRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("uid", row.id().toString())
                .put("name", row.name())
                .put("type", row.type());
        row.body()
                .properties()
                .forEach(member -> view.set(member.getKey(), member.getValue().deepCopy()));
        view.withObject("config").put("redirect_url", team.callback());
        if (view.path("scim_config") instanceof ObjectNode scim) {
            scim.put("scim_base_url", team.scim(row.id()));
        }
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
