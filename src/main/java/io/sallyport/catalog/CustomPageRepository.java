package io.sallyport.catalog;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** Custom pages. */
public interface CustomPageRepository
        extends JpaRepository<CustomPageRow, UUID>, JpaSpecificationExecutor<CustomPageRow> {}
