package io.sallyport.catalog;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Tunnels, deleted ones too. */
public interface TunnelRepository extends JpaRepository<TunnelRow, UUID>, JpaSpecificationExecutor<TunnelRow> {
    /** The living tunnel of this name. */
    Optional<TunnelRow> findByNameAndDeletedAtIsNull(String name);
}
