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

/** A bearer token of the admin API, of which only the hash is kept. */
@Entity
@Table(name = "admin_tokens")
public class AdminTokenRow extends Row {
    private String name;

    @SuppressWarnings("UnusedVariable") // queries read it
    private byte[] tokenHash;

    private String role;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private @Nullable JsonNode scopes;

    private @Nullable Instant expiresAt;
    private @Nullable Instant revokedAt;

    /** Written without Hibernate, because a use is not a change of the token. */
    @Column(insertable = false, updatable = false)
    private @Nullable Instant lastUsedAt;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected AdminTokenRow() {}

    /**
     * A new token.
     *
     * @param tokenHash SHA-256 of the token
     * @param scopes null for all that the role allows
     * @param expiresAt null for never
     */
    public AdminTokenRow(
            UUID id,
            String name,
            byte[] tokenHash,
            String role,
            @Nullable JsonNode scopes,
            @Nullable Instant expiresAt,
            Instant now) {
        super(id, now);
        this.name = name;
        this.tokenHash = tokenHash;
        this.role = role;
        this.scopes = scopes == null ? null : JsonColumn.asStored(scopes);
        this.expiresAt = expiresAt;
    }

    /** Replaces everything an admin may change. */
    public void change(String name, String role, @Nullable JsonNode scopes, @Nullable Instant expiresAt, Instant now) {
        this.name = name;
        this.role = role;
        this.scopes = scopes == null ? null : JsonColumn.asStored(scopes);
        this.expiresAt = expiresAt;
        touch(now);
    }

    /** Replaces the secret; the present one becomes invalid. */
    public void rotate(byte[] tokenHash, Instant now) {
        this.tokenHash = tokenHash;
        touch(now);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Its role. */
    public String role() {
        return role;
    }

    /** Resource kind to {@code read} or {@code write}; null for all that the role allows. */
    public @Nullable JsonNode scopes() {
        return scopes;
    }

    /** When it last authenticated, to about a minute; null when it never did. */
    public @Nullable Instant lastUsedAt() {
        return lastUsedAt;
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
