package io.sallyport.catalog;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** People. */
public interface UserRepository extends JpaRepository<UserRow, UUID>, JpaSpecificationExecutor<UserRow> {
    /** The person with this lower-case address. */
    Optional<UserRow> findByEmail(String email);
}
