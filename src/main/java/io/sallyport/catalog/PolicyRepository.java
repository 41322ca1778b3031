package io.sallyport.catalog;

import java.util.List;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Policies, reusable ones and those of applications. */
public interface PolicyRepository extends JpaRepository<PolicyRow, UUID>, JpaSpecificationExecutor<PolicyRow> {
    /** The policies an application owns. */
    List<PolicyRow> findByAppId(UUID appId);
}
