package io.sallyport.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A service token: credentials of a program, of which only hashes are kept (ST-01). */
@Entity
@Table(name = "service_tokens")
public class ServiceTokenRow extends Row {
    private String name;

    @Column(updatable = false)
    private String clientId;

    private byte[] secretHash;
    private byte @Nullable [] previousSecretHash;
    private @Nullable Instant previousExpiresAt;
    private int secretVersion;
    private String duration;
    private boolean enabled;
    private @Nullable Instant expiresAt;

    /** Written in batches beside Hibernate, see {@code LastSeen}. */
    @Column(insertable = false, updatable = false)
    private @Nullable Instant lastSeenAt;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected ServiceTokenRow() {}

    /**
     * A new token.
     *
     * @param secretHash SHA-256 of the secret
     * @param duration a Go duration, or {@code forever}
     * @param expiresAt null for {@code forever}
     */
    public ServiceTokenRow(
            UUID id,
            String name,
            String clientId,
            byte[] secretHash,
            String duration,
            @Nullable Instant expiresAt,
            Instant now) {
        super(id, now);
        this.name = name;
        this.clientId = clientId;
        this.secretHash = secretHash;
        this.secretVersion = 1;
        this.duration = duration;
        this.enabled = true;
        this.expiresAt = expiresAt;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** 32 hex digits and {@code .access}. */
    public String clientId() {
        return clientId;
    }

    /** SHA-256 of the secret before the last rotation, null when there is none. */
    public byte @Nullable [] previousSecretHash() {
        return previousSecretHash;
    }

    /** End of the previous secret's grace. */
    public @Nullable Instant previousExpiresAt() {
        return previousExpiresAt;
    }

    /** Rises with every rotation. */
    public int secretVersion() {
        return secretVersion;
    }

    /** A Go duration, or {@code forever}. */
    public String duration() {
        return duration;
    }

    /** Whether it authenticates at all. */
    public boolean enabled() {
        return enabled;
    }

    /** End of its life, null for never. */
    public @Nullable Instant expiresAt() {
        return expiresAt;
    }

    /** When it last authenticated, to about a minute. */
    public @Nullable Instant lastSeenAt() {
        return lastSeenAt;
    }

    /** Renames, enables or disables. */
    public void change(String name, boolean enabled, Instant now) {
        this.name = name;
        this.enabled = enabled;
        touch(now);
    }

    /** Restarts the clock. */
    public void extend(String duration, @Nullable Instant expiresAt, Instant now) {
        this.duration = duration;
        this.expiresAt = expiresAt;
        touch(now);
    }

    /**
     * Replaces the secret; the current one becomes the previous.
     *
     * @param version the new version, higher than the current
     * @param previousExpiresAt end of the previous secret's grace, null to end it at once
     */
    public void rotate(byte[] newHash, int version, @Nullable Instant previousExpiresAt, Instant now) {
        previousSecretHash = previousExpiresAt == null ? null : secretHash;
        this.previousExpiresAt = previousExpiresAt;
        secretHash = newHash;
        secretVersion = version;
        touch(now);
    }

    /** Whether an earlier secret still counts. */
    public boolean hasGrace(Instant now) {
        return previousSecretHash != null && previousExpiresAt != null && previousExpiresAt.isAfter(now);
    }

    /** Moves the end of the previous secret's grace; the past ends it at once. */
    public void limitPrevious(Instant previousExpiresAt, Instant now) {
        this.previousExpiresAt = previousExpiresAt;
        if (!previousExpiresAt.isAfter(now)) {
            previousSecretHash = null;
        }
        touch(now);
    }
}
