package io.sallyport.catalog;

import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import tools.jackson.databind.JsonNode;

/** An Access group: rules that policies name as one. */
@Entity
@Table(name = "access_groups")
public class GroupRow extends Row {
    private String name;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected GroupRow() {}

    /** A new group. */
    public GroupRow(UUID id, String name, JsonNode body, Instant now) {
        super(id, now);
        this.name = name;
        this.body = JsonColumn.asStored(body);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** {@code include}, {@code exclude}, {@code require}, {@code is_default} and whatever else was sent. */
    public JsonNode body() {
        return body;
    }

    /** Replaces everything an admin may change. */
    public void change(String name, JsonNode body, Instant now) {
        this.name = name;
        this.body = JsonColumn.asStored(body);
        touch(now);
    }
}
