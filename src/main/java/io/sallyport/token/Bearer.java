package io.sallyport.token;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token that revocations look at. Missing claims read as empty, a missing time as the oldest, so that
 * an incomplete token is more likely to count as revoked.
 *
 * @param service the client id of the service token it was issued for, or another name of the program
 * @param key the id of the key that is said to have signed; null when the signature was verified already
 */
public record Bearer(
        String issuer,
        @Nullable String key,
        String subject,
        String session,
        String service,
        List<String> audiences,
        Instant issuedAt) {
    /** Copies the list. */
    public Bearer {
        audiences = List.copyOf(audiences);
    }

    /** What a token says of itself, <b>unverified</b>: a reason to say no at most, never one to say yes. */
    public static Optional<Bearer> claimed(String compact) {
        String[] parts = compact.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        Map<String, Object> header = object(parts[0]);
        Map<String, Object> claims = object(parts[1]);
        return header == null || claims == null
                ? Optional.empty()
                : Optional.of(of(claims, header.get("kid") instanceof String key ? key : ""));
    }

    static Bearer of(Map<String, Object> claims, @Nullable String key) {
        Instant issuedAt = ForeignJwt.instant(claims, "iat");
        long millis = claims.get(ClaimsJson.MILLIS) instanceof Number part ? Math.clamp(part.longValue(), 0, 999) : 0;
        return new Bearer(
                text(claims, "iss"),
                key,
                text(claims, "sub"),
                text(claims, "identity_nonce"),
                text(claims, "common_name"),
                audiences(claims.get("aud")),
                issuedAt == null ? Instant.EPOCH : issuedAt.plusMillis(millis));
    }

    private static List<String> audiences(@Nullable Object aud) {
        return switch (aud) {
            case String one -> List.of(one);
            case List<?> several ->
                several.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList();
            case null, default -> List.of();
        };
    }

    private static String text(Map<String, Object> claims, String name) {
        return claims.get(name) instanceof String text ? text : "";
    }

    private static @Nullable Map<String, Object> object(String segment) {
        byte[] utf8 = StrictBase64.decode(segment);
        return utf8 == null ? null : SafeJson.object(new String(utf8, StandardCharsets.UTF_8));
    }
}
