package io.sallyport.catalog;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Service tokens. */
public interface ServiceTokenRepository
        extends JpaRepository<ServiceTokenRow, UUID>, JpaSpecificationExecutor<ServiceTokenRow> {}
