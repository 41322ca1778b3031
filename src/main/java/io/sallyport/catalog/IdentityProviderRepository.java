package io.sallyport.catalog;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Identity providers. */
public interface IdentityProviderRepository
        extends JpaRepository<IdentityProviderRow, UUID>, JpaSpecificationExecutor<IdentityProviderRow> {}
