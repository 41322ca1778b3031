package io.sallyport.catalog;

import org.springframework.data.jpa.repository.JpaRepository;

/** Tags. */
public interface TagRepository extends JpaRepository<TagRow, String> {}
