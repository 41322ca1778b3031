package io.sallyport.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** The one account API clients see, made at the first start. */
@Entity
@Table(name = "account")
public class AccountRow {
    @Id
    private String id;

    private String zoneId;
    private String name;
    private Instant createdAt;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected AccountRow() {}

    /** 32 hex digits. */
    public String id() {
        return id;
    }

    /** The one zone: every {@code zones/{id}} path accepts only it. */
    public String zoneId() {
        return zoneId;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** When the deployment was first started. */
    public Instant createdAt() {
        return createdAt;
    }
}
