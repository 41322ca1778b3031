package io.sallyport.catalog;

import org.springframework.data.jpa.repository.JpaRepository;

/** The one organisation. */
public interface OrganizationRepository extends JpaRepository<OrganizationRow, Short> {
    /** The organisation, which exists from the first start on. */
    default OrganizationRow get() {
        return findById(OrganizationRow.ID).orElseThrow();
    }
}
