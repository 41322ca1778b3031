package io.sallyport.snapshot;

import io.sallyport.identity.AppId;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.token.Sha256;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The valid app passes of all people, by the hash of their secret. A secret has 256 random bits, so looking it up by
 * its hash has no useful timing side channel. Policies decide again at each request whether a pass opens its
 * application.
 */
public record AppPasses(Map<String, Entry> byHash) {
    /**
     * Prefix of every secret, so that secret scanners find leaked ones and we can tell them from other credentials.
     */
    public static final String PREFIX = "spass_";

    private static final HexFormat HEX = HexFormat.of();

    /** Copies the map. */
    public AppPasses {
        byHash = Map.copyOf(byHash);
    }

    /**
     * One pass.
     *
     * @param nonce the identity nonce of the pass, which is a session
     * @param email the person's current address
     * @param identity as stored with the session
     */
    public record Entry(
            IdentityNonce nonce,
            UserId user,
            AppId application,
            String email,
            String identity,
            Instant createdAt,
            Instant expiresAt) {}

    /** An application's settings of passes; an application without them accepts none. */
    public record Settings(@Nullable String header) {
        static @Nullable Settings read(Json body) {
            Json settings = body.member("sallyport_app_passes");
            return settings.absent() || !settings.flag("enabled", false) ? null : new Settings(settings.text("header"));
        }
    }

    /** The pass with this secret, if it is for this application, not expired and not revoked. */
    public Optional<Entry> find(String secret, AppId application, Revocations revocations, Instant now) {
        Entry entry = byHash.get(HEX.formatHex(Sha256.of(secret)));
        return entry != null
                        && entry.application().equals(application)
                        && now.isBefore(entry.expiresAt())
                        && !isRevoked(entry, revocations)
                ? Optional.of(entry)
                : Optional.empty();
    }

    private static boolean isRevoked(Entry entry, Revocations revocations) {
        return revocations.revoked(entry.user(), entry.nonce(), entry.createdAt())
                || revocations.revoked(entry.application(), entry.createdAt());
    }

    /** A copy without revoked passes: old revocations are deleted at some time, and a pass may be valid for longer. */
    AppPasses without(Revocations revocations) {
        return new AppPasses(byHash.entrySet().stream()
                .filter(each -> !isRevoked(each.getValue(), revocations))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    static AppPasses of(Rows rows) {
        return new AppPasses(rows.passes().stream()
                .collect(Collectors.toMap(
                        row -> HEX.formatHex(row.secretHash()),
                        row -> new Entry(
                                new IdentityNonce(row.nonce()),
                                new UserId(row.user()),
                                new AppId(row.app()),
                                row.email(),
                                row.identity(),
                                row.createdAt(),
                                row.expiresAt()))));
    }
}
