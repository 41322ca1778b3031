package io.sallyport.catalog;

import java.util.Collection;
import java.util.UUID;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

/** Items of value lists. */
public interface ListItemRepository extends JpaRepository<ListItemRow, Long> {
    /** A page of a list, in the order the items were added when sorted by {@code id}. */
    Page<ListItemRow> findByListId(UUID listId, Pageable page);

    /** How many items a list has. */
    long countByListId(UUID listId);

    /** Removes values from a list; returns how many there were. */
    @Modifying(flushAutomatically = true)
    @Query("delete from ListItemRow i where i.listId = :listId and i.value in :values")
    int deleteValues(UUID listId, Collection<String> values);

    /** Empties a list. */
    @Modifying(flushAutomatically = true)
    @Query("delete from ListItemRow i where i.listId = :listId")
    int deleteAllOf(UUID listId);
}
