package io.sallyport.catalog;

import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import tools.jackson.databind.JsonNode;

/** An origin the gateway reaches itself: one per hostname and path. */
@Entity
@Table(name = "origins")
public class OriginRow extends Row {
    private String hostname;
    private String path;
    private String service;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode originRequest;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected OriginRow() {}

    /** A new origin; arguments as {@link #change}. */
    public OriginRow(UUID id, String hostname, String path, String service, JsonNode originRequest, Instant now) {
        super(id, now);
        this.hostname = hostname;
        this.path = path;
        this.service = service;
        this.originRequest = JsonColumn.asStored(originRequest);
    }

    /** Host pattern, lower case. */
    public String hostname() {
        return hostname;
    }

    /** Path pattern, empty for all. */
    public String path() {
        return path;
    }

    /** {@code http} or {@code https} with host and port. */
    public String service() {
        return service;
    }

    /** The {@code origin_request} object. */
    public JsonNode originRequest() {
        return originRequest;
    }

    /** Replaces everything an admin may change. */
    public void change(String hostname, String path, String service, JsonNode originRequest, Instant now) {
        this.hostname = hostname;
        this.path = path;
        this.service = service;
        this.originRequest = JsonColumn.asStored(originRequest);
        touch(now);
    }
}
