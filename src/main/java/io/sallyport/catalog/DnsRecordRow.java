package io.sallyport.catalog;

import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A DNS record. */
@Entity
@Table(name = "dns_records")
public class DnsRecordRow extends Row {
    private String name;
    private String type;

    /** What the name leads to, for queries; empty when the type says it in {@code data}. */
    @SuppressWarnings("UnusedVariable") // queries read it
    private String content;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    private @Nullable UUID tunnelId;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected DnsRecordRow() {}

    /** A new record; arguments as {@link #change}. */
    public DnsRecordRow(
            UUID id, String name, String type, String content, JsonNode body, @Nullable UUID tunnel, Instant now) {
        super(id, now);
        this.name = name;
        this.type = type;
        this.content = content;
        this.body = JsonColumn.asStored(body);
        this.tunnelId = tunnel;
    }

    /** The name in normal form. */
    public String name() {
        return name;
    }

    /** {@code CNAME}, {@code A}, {@code TXT}, … */
    public String type() {
        return type;
    }

    /** The record as it was written. */
    public JsonNode body() {
        return body;
    }

    /** The tunnel it binds its name to; null when it is about something else. */
    public @Nullable UUID tunnel() {
        return tunnelId;
    }

    /** Replaces everything an admin may change. */
    public void change(String name, String type, String content, JsonNode body, @Nullable UUID tunnel, Instant now) {
        this.name = name;
        this.type = type;
        this.content = content;
        this.body = JsonColumn.asStored(body);
        this.tunnelId = tunnel;
        touch(now);
    }
}
