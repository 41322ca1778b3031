package io.sallyport.control;

import io.sallyport.catalog.AdminTokenRepository;
import io.sallyport.catalog.AdminTokenRow;
import io.sallyport.token.Sha256;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;

/**
 * Finds admin tokens by their hashes: the bootstrap token in memory, the others in the database, queried at every call,
 * so that a revoked token is invalid on every replica immediately (AD-10).
 */
final class AdminTokens {
    private static final Logger LOG = LoggerFactory.getLogger(AdminTokens.class);
    private static final int LONGEST = 512;
    private static final Duration NOTED_EVERY = Duration.ofMinutes(1);

    /**
     * Who a token belongs to.
     *
     * @param tokenId names the token without giving it away: 32 hex digits
     * @param actor who, for the audit trail
     * @param expiresAt null for never
     */
    record Holder(
            String tokenId,
            String actor,
            Permissions permissions,
            @Nullable Instant expiresAt) {}

    private final byte[] bootstrapHash;
    private final AdminTokenRepository stored;
    private final InstantSource clock;

    AdminTokens(BootstrapToken bootstrap, AdminTokenRepository stored, InstantSource clock) {
        this.bootstrapHash = bootstrap.hash();
        this.stored = stored;
        this.clock = clock;
    }

    /** The holder of a valid token. The token itself is hashed before anything looks at it, and compared in constant time. */
    Optional<Holder> holderOf(String token) {
        if (token.isEmpty() || token.length() > LONGEST) {
            return Optional.empty();
        }
        byte[] hash = Sha256.of(token);
        if (MessageDigest.isEqual(hash, bootstrapHash)) {
            return bootstrapRetired()
                    ? Optional.empty()
                    : Optional.of(new Holder(publicId(hash), "bootstrap token", Permissions.full(), null));
        }
        Instant now = clock.instant();
        return stored.findByTokenHash(hash)
                .filter(row -> row.valid(now))
                .flatMap(row ->
                        Permissions.stored(row.role(), row.scopes()).map(permissions -> holder(row, permissions, now)));
    }

    private Holder holder(AdminTokenRow row, Permissions permissions, Instant now) {
        noteUse(row, now);
        return new Holder(
                row.id().toString().replace("-", ""),
                "token " + row.id() + " (" + row.name() + ")",
                permissions,
                row.expiresAt());
    }

    /** Records the token's last use in the background; a failure does not affect the request. */
    private void noteUse(AdminTokenRow row, Instant now) {
        Instant earlier = now.minus(NOTED_EVERY);
        if (row.lastUsedAt() != null && !row.lastUsedAt().isBefore(earlier)) {
            return;
        }
        try {
            stored.noteUse(row.id(), now, earlier);
        } catch (DataAccessException | TransactionException failed) {
            LOG.warn("The last use of admin token {} cannot be stored: {}", row.id(), failed.getMessage());
        }
    }

    /** Whether the bootstrap token of this process no longer opens anything. */
    boolean bootstrapRetired() {
        return stored.isRetired(bootstrapHash);
    }

    /**
     * Retires it, in the surrounding transaction. A new one, which only the operator can configure, would be valid
     * again.
     */
    void retireBootstrap(Instant now) {
        stored.retire(bootstrapHash, now);
    }

    /** Warns in the log while the bootstrap token, which is meant for the first start only, is still valid. */
    @Scheduled(initialDelayString = "10s", fixedDelayString = "24h")
    void remindOfBootstrap() {
        try {
            if (!bootstrapRetired()) {
                LOG.warn(
                        "The bootstrap token is still valid for the admin API, but meant for the first steps only: make an"
                                + " owner's token with POST /sallyport/tokens, then retire it with"
                                + " POST /sallyport/tokens/bootstrap/retire");
            }
        } catch (DataAccessException | TransactionException gone) {
            LOG.warn(
                    "Whether the bootstrap token is still valid could not be looked up, trying again tomorrow: {}",
                    gone.getMostSpecificCause().getMessage());
        }
    }

    /** The bootstrap token's id in answers: a hash of its hash, which reveals nothing about it. */
    private static String publicId(byte[] hash) {
        return HexFormat.of().formatHex(Sha256.of(HexFormat.of().formatHex(hash)), 0, 16);
    }
}
