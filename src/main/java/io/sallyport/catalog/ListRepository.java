package io.sallyport.catalog;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Value lists. */
public interface ListRepository extends JpaRepository<ListRow, UUID>, JpaSpecificationExecutor<ListRow> {}
