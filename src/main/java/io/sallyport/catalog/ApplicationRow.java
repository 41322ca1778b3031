package io.sallyport.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * An Access application. Its body holds the normalised API object without id, aud, policies and times; its destinations are
 * claimed through {@link Destinations}, its policies attached through {@link PolicyLinks}.
 */
@Entity
@Table(name = "applications")
public class ApplicationRow extends Row {
    @Column(updatable = false)
    private String aud;

    private String type;
    private @Nullable String name;
    private @Nullable String domain;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected ApplicationRow() {}

    /**
     * A new application.
     *
     * @param aud 64 lower-case hex digits, fixed for its life
     */
    public ApplicationRow(UUID id, String aud, String type, Instant now) {
        super(id, now);
        this.aud = aud;
        this.type = type;
        this.body = JsonNodeFactory.instance.objectNode();
    }

    /** The audience tag. */
    public String aud() {
        return aud;
    }

    /** {@code self_hosted}, {@code bookmark}, … */
    public String type() {
        return type;
    }

    /** Shown on the login page. */
    public @Nullable String name() {
        return name;
    }

    /** The primary host and path. */
    public @Nullable String domain() {
        return domain;
    }

    /** The admin's own members after normalisation. */
    public JsonNode body() {
        return body;
    }

    /** Replaces everything an admin may change. */
    public void change(@Nullable String name, @Nullable String domain, JsonNode body, Instant now) {
        this.name = name;
        this.domain = domain;
        this.body = JsonColumn.asStored(body);
        touch(now);
    }
}
