package io.sallyport.control;

import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.token.KeyWrapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Identity providers as they are stored, each with its secrets enveloped. */
final class StoredProviders {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final IdentityProviderRepository rows;
    private final KeyWrapper wrapper;
    private final InstantSource clock;

    StoredProviders(IdentityProviderRepository rows, KeyWrapper wrapper, InstantSource clock) {
        this.rows = rows;
        this.wrapper = wrapper;
        this.clock = clock;
    }

    /** A page of those that the filters of {@link Filters#byName} leave. */
    Paged<IdentityProviderRow> page(Query query) {
        return Filters.page(rows, Filters.byName(query), query.paging());
    }

    /** In the order of their age. */
    List<IdentityProviderRow> all() {
        return rows.findAll(Filters.BY_AGE);
    }

    IdentityProviderRow find(UUID id) {
        return rows.findById(id).orElseThrow(ApiProblem::notFound);
    }

    /** Stores a new one at once, so that what SQL writes next may refer to it. */
    IdentityProviderRow add(IdentityProviderDraft draft) {
        UUID id = UUID.randomUUID();
        byte[] secrets = wrap(id, draft.secrets());
        return rows.saveAndFlush(
                new IdentityProviderRow(id, draft.name(), draft.type(), draft.body(), secrets, clock.instant()));
    }

    /** Makes one what the draft says; secrets that it does not name stay as they are. */
    void change(IdentityProviderRow row, IdentityProviderDraft draft) {
        ObjectNode secrets = exposeSecrets(row);
        secrets.setAll(draft.secrets());
        byte[] enveloped = draft.secrets().isEmpty() ? row.secret() : wrap(row.id(), secrets);
        row.change(draft.name(), draft.body(), enveloped, clock.instant());
    }

    void delete(IdentityProviderRow row) {
        rows.delete(row);
    }

    /** The opened secrets by their names; empty when there are none. */
    ObjectNode exposeSecrets(IdentityProviderRow row) {
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

    private byte @Nullable [] wrap(UUID id, ObjectNode secrets) {
        return secrets.isEmpty()
                ? null
                : wrapper.wrap(
                        IdentityProviderRow.secretRecord(id), secrets.toString().getBytes(StandardCharsets.UTF_8));
    }
}
