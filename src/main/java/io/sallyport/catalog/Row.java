package io.sallyport.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of all API objects share. The id is chosen by us and not by the database, so that an object has it from
 * its creation.
 */
@MappedSuperclass
public abstract class Row {
    @Id
    private UUID id;

    @Column(updatable = false)
    private Instant createdAt;

    private Instant updatedAt;

    /** Null until the first flush, which is also how Spring Data tells a new row. Rises with every change. */
    @Version
    private @Nullable Long revision;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected Row() {}

    /** A new row, not yet stored. */
    protected Row(UUID id, Instant now) {
        this.id = id;
        this.createdAt = now;
        this.updatedAt = now;
    }

    /** The API's id. */
    public UUID id() {
        return id;
    }

    /** When it was created. */
    public Instant createdAt() {
        return createdAt;
    }

    /** When an admin last changed it. */
    public Instant updatedAt() {
        return updatedAt;
    }

    /** For {@code If-Match}: rises with every change. */
    public long revision() {
        return revision == null ? 0 : revision;
    }

    /** Called by every change an admin makes. */
    protected void touch(Instant now) {
        updatedAt = now;
    }
}
