package io.sallyport.control;

import io.sallyport.catalog.TunnelRepository;
import io.sallyport.catalog.TunnelRow;
import io.sallyport.token.KeyWrapper;
import jakarta.persistence.EntityManager;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Tunnels as they are stored, each with its secret enveloped. A deleted one stays, to be read and for nothing else. */
final class StoredTunnels {
    private final TunnelRepository rows;
    private final KeyWrapper wrapper;
    private final EntityManager entities;
    private final InstantSource clock;

    StoredTunnels(TunnelRepository rows, KeyWrapper wrapper, EntityManager entities, InstantSource clock) {
        this.rows = rows;
        this.wrapper = wrapper;
        this.entities = entities;
        this.clock = clock;
    }

    /** Those that the filters of {@link TunnelFilters} leave. */
    Paged<TunnelRow> page(Query query) {
        return Filters.page(rows, TunnelFilters.of(query), query.paging());
    }

    /** The same, all of them, in the order of their age. */
    List<TunnelRow> all(Query query) {
        return rows.findAll(TunnelFilters.of(query), Filters.BY_AGE);
    }

    /** A tunnel that may be deleted. */
    TunnelRow any(UUID id) {
        return rows.findById(id).orElseThrow(ApiProblem::noSuchTunnel);
    }

    /** A tunnel that is not deleted. */
    TunnelRow living(UUID id) {
        TunnelRow row = any(id);
        if (row.deletedAt() != null) {
            throw ApiProblem.noSuchTunnel();
        }
        return row;
    }

    /**
     * Stores a new one.
     *
     * @throws ApiProblem when another living one has the name
     */
    TunnelRow add(String name, String configSrc, byte[] secret) {
        requireFreeName(name, Optional.empty());
        UUID id = UUID.randomUUID();
        return rows.saveAndFlush(new TunnelRow(id, name, configSrc, wrap(id, secret), clock.instant()));
    }

    /**
     * Changes what the draft names; what is absent stays.
     *
     * @throws ApiProblem when another living one has the name
     */
    void change(TunnelRow row, TunnelDraft draft) {
        draft.name().ifPresent(name -> requireFreeName(name, Optional.of(row.id())));
        row.change(
                draft.name().orElse(row.name()),
                draft.configSrc().orElse(row.configSrc()),
                draft.secret().map(secret -> wrap(row.id(), secret)).orElse(row.secret()),
                clock.instant());
    }

    /** Deletes one at once, so that what SQL does next finds it deleted. */
    void delete(TunnelRow row) {
        row.delete(clock.instant());
        entities.flush();
    }

    /** Reads again what SQL has written beside the entity. */
    void reread(TunnelRow row) {
        entities.refresh(row);
    }

    /** The opened secret. */
    byte[] exposeSecret(TunnelRow row) {
        try {
            return wrapper.unwrap(TunnelRow.secretRecord(row.id()), row.secret());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the master key does not open the secret of tunnel " + row.id(), e);
        }
    }

    private byte[] wrap(UUID id, byte[] secret) {
        return wrapper.wrap(TunnelRow.secretRecord(id), secret);
    }

    private void requireFreeName(String name, Optional<UUID> except) {
        rows.findByNameAndDeletedAtIsNull(name)
                .filter(holder -> !Optional.of(holder.id()).equals(except))
                .ifPresent(holder -> {
                    throw ApiProblem.tunnelExists(name);
                });
    }
}
