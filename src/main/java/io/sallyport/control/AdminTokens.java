package io.sallyport.control;

import io.sallyport.catalog.AdminTokenRepository;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/** Knows the tokens of the admin API by their hashes alone: the bootstrap token from memory, the others from the database (AD-10). */
final class AdminTokens {
    private static final int LONGEST = 512;

    /** Who a token belongs to. */
    record Holder(String tokenId, String actor, AdminRole role) {}

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
        byte[] hash = sha256(token);
        if (MessageDigest.isEqual(hash, bootstrapHash)) {
            return Optional.of(new Holder(publicId(hash), "bootstrap token", AdminRole.OWNER));
        }
        return stored.findByTokenHash(hash)
                .filter(row -> row.valid(clock.instant()))
                .flatMap(row -> AdminRole.of(row.role())
                        .map(role -> new Holder(publicId(hash), "token " + row.id() + " (" + row.name() + ")", role)));
    }

    /** A hash of the hash: names the token in answers and says nothing that helps to find it. */
    private static String publicId(byte[] hash) {
        return HexFormat.of().formatHex(sha256(HexFormat.of().formatHex(hash)), 0, 16);
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
