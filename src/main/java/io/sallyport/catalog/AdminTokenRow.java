package io.sallyport.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A bearer token of the admin API, of which only the hash is kept. */
@Entity
@Table(name = "admin_tokens")
public class AdminTokenRow extends Row {
    private String name;

    @Column(updatable = false)
    private byte[] tokenHash;

    private String role;
    private @Nullable Instant expiresAt;
    private @Nullable Instant revokedAt;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected AdminTokenRow() {}

    /**
     * A new token.
     *
     * @param tokenHash SHA-256 of the token
     * @param expiresAt null for never
     */
    public AdminTokenRow(
            UUID id, String name, byte[] tokenHash, String role, @Nullable Instant expiresAt, Instant now) {
        super(id, now);
        this.name = name;
        this.tokenHash = tokenHash;
        this.role = role;
        this.expiresAt = expiresAt;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** SHA-256 of the token. */
    public byte[] tokenHash() {
        return tokenHash;
    }

    /** What it may do. */
    public String role() {
        return role;
    }

    /** End of its life, null for never. */
    public @Nullable Instant expiresAt() {
        return expiresAt;
    }

    /** When it was revoked, null when it was not. */
    public @Nullable Instant revokedAt() {
        return revokedAt;
    }

    /** Whether it authenticates now. */
    public boolean valid(Instant now) {
        return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
    }

    /** Ends it. */
    public void revoke(Instant now) {
        revokedAt = now;
        touch(now);
    }
}
