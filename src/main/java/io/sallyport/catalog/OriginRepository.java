package io.sallyport.catalog;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Origins the gateway reaches itself. */
public interface OriginRepository extends JpaRepository<OriginRow, UUID>, JpaSpecificationExecutor<OriginRow> {
    /** The origin at this place. */
    Optional<OriginRow> findByHostnameAndPath(String hostname, String path);
}
