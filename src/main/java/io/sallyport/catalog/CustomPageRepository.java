package io.sallyport.catalog;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;
import org.springframework.data.jpa.repository.Query;

/** Custom pages. */
public interface CustomPageRepository
        extends JpaRepository<CustomPageRow, UUID>, JpaSpecificationExecutor<CustomPageRow> {
    /** How long all of them are together. */
    @Query("select coalesce(sum(length(page.html)), 0) from CustomPageRow page")
    long characters();
}
