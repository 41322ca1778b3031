package io.sallyport.catalog;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.transaction.annotation.Transactional;

/** Tokens of the admin API. */
public interface AdminTokenRepository
        extends JpaRepository<AdminTokenRow, UUID>, JpaSpecificationExecutor<AdminTokenRow> {
    /** The token with this SHA-256. */
    Optional<AdminTokenRow> findByTokenHash(byte[] tokenHash);

    /** Records that a token was used, unless a use since {@code earlier} is recorded. */
    @Modifying
    @Transactional
    @Query(nativeQuery = true, value = """
            update admin_tokens set last_used_at = :now where id = :id
            and (last_used_at is null or last_used_at < :earlier)""")
    int noteUse(UUID id, Instant now, Instant earlier);

    /** Whether a bootstrap token with this SHA-256 was retired. */
    @Query(nativeQuery = true, value = "select exists(select 1 from retired_bootstrap_tokens where token_hash = :hash)")
    boolean isRetired(byte[] hash);

    /** Retires the bootstrap token with this SHA-256. */
    @Modifying
    @Query(
            nativeQuery = true,
            value = "insert into retired_bootstrap_tokens values (:hash, :now) on conflict do nothing")
    int retire(byte[] hash, Instant now);
}
