package io.sallyport.catalog;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Applications, oldest first when sorted by {@code createdAt, id}. */
public interface ApplicationRepository
        extends JpaRepository<ApplicationRow, UUID>, JpaSpecificationExecutor<ApplicationRow> {
    /** The application with this audience tag. */
    Optional<ApplicationRow> findByAud(String aud);
}
