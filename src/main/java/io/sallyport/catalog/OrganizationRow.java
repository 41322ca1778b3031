package io.sallyport.catalog;

import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.hibernate.annotations.ColumnTransformer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The one organisation. Made at the first start; the API changes it and never makes a second. */
@Entity
@Table(name = "organization")
public class OrganizationRow {
    /** The id of the only row. */
    public static final short ID = 1;

    @Id
    private short id;

    private String name;
    private String authDomain;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    private Instant createdAt;
    private Instant updatedAt;

    @Version
    @SuppressWarnings("UnusedVariable") // Hibernate compares it
    private @Nullable Long revision;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected OrganizationRow() {}

    /** Its name. */
    public String name() {
        return name;
    }

    /** The team domain, lower case. */
    public String authDomain() {
        return authDomain;
    }

    /** {@code login_design}, {@code session_duration} and whatever else was sent. */
    public JsonNode body() {
        return body;
    }

    /** When it was created. */
    public Instant createdAt() {
        return createdAt;
    }

    /** When an admin last changed it. */
    public Instant updatedAt() {
        return updatedAt;
    }

    /** Replaces everything an admin may change. */
    public void change(String name, String authDomain, JsonNode body, Instant now) {
        this.name = name;
        this.authDomain = authDomain;
        this.body = JsonColumn.asStored(body);
        this.updatedAt = now;
    }
}
