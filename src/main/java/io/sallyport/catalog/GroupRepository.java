package io.sallyport.catalog;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Access groups. */
public interface GroupRepository extends JpaRepository<GroupRow, UUID>, JpaSpecificationExecutor<GroupRow> {}
