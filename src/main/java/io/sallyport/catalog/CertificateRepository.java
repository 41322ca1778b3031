package io.sallyport.catalog;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Client certificate authorities. */
public interface CertificateRepository
        extends JpaRepository<CertificateRow, UUID>, JpaSpecificationExecutor<CertificateRow> {}
