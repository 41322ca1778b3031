package io.sallyport.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A value list that policies refer to; its items are {@link ListItemRow}s. */
@Entity
@Table(name = "lists")
public class ListRow extends Row {
    private String name;

    @Column(updatable = false)
    private String type;

    private @Nullable String description;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected ListRow() {}

    /**
     * A new list.
     *
     * @param type {@code EMAIL}, {@code IP}, or another that policies cannot use
     */
    public ListRow(UUID id, String name, String type, @Nullable String description, Instant now) {
        super(id, now);
        this.name = name;
        this.type = type;
        this.description = description;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** {@code EMAIL}, {@code IP}, … */
    public String type() {
        return type;
    }

    /** The admin's note. */
    public @Nullable String description() {
        return description;
    }

    /** Replaces name and description; also called when only items changed. */
    public void change(String name, @Nullable String description, Instant now) {
        this.name = name;
        this.description = description;
        touch(now);
    }
}
