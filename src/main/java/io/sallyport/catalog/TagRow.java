package io.sallyport.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A tag that applications may carry. Its name is its id, so a rename is a new row. */
@Entity
@Table(name = "tags")
public class TagRow {
    @Id
    private String name;

    private Instant createdAt;
    private Instant updatedAt;

    @Version
    private @Nullable Long revision;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected TagRow() {}

    /** A new tag, or the new name of one that was created then. */
    public TagRow(String name, Instant createdAt, Instant now) {
        this.name = name;
        this.createdAt = createdAt;
        this.updatedAt = now;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** When it was created. */
    public Instant createdAt() {
        return createdAt;
    }

    /** When an admin last changed it. */
    public Instant updatedAt() {
        return updatedAt;
    }
}
