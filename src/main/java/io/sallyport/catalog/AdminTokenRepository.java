package io.sallyport.catalog;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Tokens of the admin API. */
public interface AdminTokenRepository
        extends JpaRepository<AdminTokenRow, UUID>, JpaSpecificationExecutor<AdminTokenRow> {
    /** The token with this SHA-256. */
    Optional<AdminTokenRow> findByTokenHash(byte[] tokenHash);
}
