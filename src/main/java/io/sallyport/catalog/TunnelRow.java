package io.sallyport.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A tunnel. Deleting one keeps the row, so that its id is never given twice and its past stays readable. */
@Entity
@Table(name = "tunnels")
public class TunnelRow extends Row {
    private String name;
    private String configSrc;
    private byte[] secret;
    private @Nullable Instant deletedAt;

    /** Written by whoever keeps the connections, never through this entity. */
    @Column(insertable = false, updatable = false)
    private @Nullable Instant connsActiveAt;

    @Column(insertable = false, updatable = false)
    private @Nullable Instant connsInactiveAt;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected TunnelRow() {}

    /** A new tunnel; arguments as {@link #change}. */
    public TunnelRow(UUID id, String name, String configSrc, byte[] secret, Instant now) {
        super(id, now);
        this.name = name;
        this.configSrc = configSrc;
        this.secret = secret;
    }

    /** What people call it; unique among those not deleted. */
    public String name() {
        return name;
    }

    /** {@code local} or {@code cloudflare}: where its configuration was said to be kept. */
    public String configSrc() {
        return configSrc;
    }

    /** The enveloped secret, under the record name of {@link #secretRecord}. */
    public byte[] secret() {
        return secret;
    }

    /** When it was deleted, null while it lives. */
    public @Nullable Instant deletedAt() {
        return deletedAt;
    }

    /** Since when it has a connection, null when it has none. */
    public @Nullable Instant connsActiveAt() {
        return connsActiveAt;
    }

    /** Since when it has no connection any more, null when it has one or never had. */
    public @Nullable Instant connsInactiveAt() {
        return connsInactiveAt;
    }

    /** The name under which {@code KeyWrapper} knows a tunnel's secret. */
    public static String secretRecord(UUID id) {
        return "tunnel/" + id + "/secret";
    }

    /** Replaces everything an admin may change. */
    public void change(String name, String configSrc, byte[] secret, Instant now) {
        this.name = name;
        this.configSrc = configSrc;
        this.secret = secret;
        touch(now);
    }

    /** From then on nobody can register for it. */
    public void delete(Instant now) {
        deletedAt = now;
        touch(now);
    }
}
