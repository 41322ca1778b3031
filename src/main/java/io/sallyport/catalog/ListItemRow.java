package io.sallyport.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One value of a list. */
@Entity
@Table(name = "list_items")
public class ListItemRow {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    @SuppressWarnings("UnusedVariable") // queries read it
    private UUID listId;

    private String value;
    private @Nullable String description;
    private Instant createdAt;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected ListItemRow() {}

    /** A new item. */
    public ListItemRow(UUID listId, String value, @Nullable String description, Instant now) {
        this.listId = listId;
        this.value = value;
        this.description = description;
        this.createdAt = now;
    }

    /** The value, as written. */
    public String value() {
        return value;
    }

    /** The admin's note. */
    public @Nullable String description() {
        return description;
    }

    /** When it was added. */
    public Instant createdAt() {
        return createdAt;
    }
}
