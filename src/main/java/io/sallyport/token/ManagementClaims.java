package io.sallyport.token;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a management token: {@code tun} and {@code actor}, which connectors
 * read, and for the edge the host and the resources for which it is valid.
 *
 * @param tunnel id of the tunnel
 * @param account id of the account
 * @param actor who asked for it; a connector lets a second session of the same actor take the place of the first
 * @param host the management host; the audience
 */
public record ManagementClaims(
        String tunnel,
        String account,
        String actor,
        String host,
        Set<ManagementResource> resources,
        Instant issuedAt,
        Instant expiresAt) {
    /** Sets these tokens apart from every other kind by name, as their key does by arithmetic (JW-04). */
    static final String ISSUER = "sallyport-tunnels";

    private static final String ALGORITHM = "ES256";
    private static final String RESOURCES = "res";

    /** Every token opens it, and cloudflared's own tests look for its name. */
    private static final String PING = "ping";

    private static final int LONGEST = 4 * 1024;

    /** Copies the set. */
    public ManagementClaims {
        resources = Set.copyOf(resources);
    }

    /** Whether it gives access to a resource. */
    public boolean opens(ManagementResource resource) {
        return resources.contains(resource) || resources.contains(ManagementResource.ADMIN);
    }

    /**
     * What a text in the shape of such a token says, <b>unverified</b>: whose it is and where it counts, never whether. Claims that
     * only we write may be absent.
     */
    public static Optional<ManagementClaims> claimed(String compact) {
        String[] parts = compact.length() > LONGEST ? new String[0] : compact.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        Map<String, Object> header = object(parts[0]);
        Map<String, Object> claims = object(parts[1]);
        return header == null || claims == null || !ALGORITHM.equals(header.get("alg"))
                ? Optional.empty()
                : read(claims);
    }

    static Optional<ManagementClaims> read(Map<String, Object> claims) {
        String tunnel = member(claims, "tun", "id");
        String account = member(claims, "tun", "account_tag");
        String actor = member(claims, "actor", "id");
        if (tunnel.isEmpty() || account.isEmpty() || actor.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ManagementClaims(
                tunnel,
                account,
                actor,
                claims.get("aud") instanceof List<?> hosts
                                && hosts.size() == 1
                                && hosts.getFirst() instanceof String one
                        ? one
                        : "",
                resources(claims.get(RESOURCES)),
                Objects.requireNonNullElse(ForeignJwt.instant(claims, "iat"), Instant.EPOCH),
                Objects.requireNonNullElse(ForeignJwt.instant(claims, "exp"), Instant.EPOCH)));
    }

    private static Set<ManagementResource> resources(@Nullable Object words) {
        Set<ManagementResource> known = EnumSet.noneOf(ManagementResource.class);
        if (words instanceof List<?> list) {
            list.forEach(word -> ManagementResource.of(String.valueOf(word)).ifPresent(known::add));
        }
        return known;
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("iss", ISSUER);
        json.put("aud", List.of(host));
        json.put("iat", issuedAt.getEpochSecond());
        json.put("nbf", issuedAt.getEpochSecond());
        json.put("exp", expiresAt.getEpochSecond());
        json.put("tun", Map.of("id", tunnel, "account_tag", account));
        json.put("actor", Map.of("id", actor, "support", false));
        List<String> words = new ArrayList<>();
        EnumSet.copyOf(resources).forEach(each -> words.add(each.word()));
        words.add(PING);
        json.put(RESOURCES, words);
        return json;
    }

    private static String member(Map<String, Object> claims, String object, String name) {
        return claims.get(object) instanceof Map<?, ?> members && members.get(name) instanceof String text ? text : "";
    }

    private static @Nullable Map<String, Object> object(String segment) {
        byte[] utf8 = StrictBase64.decode(segment);
        return utf8 == null ? null : SafeJson.object(utf8);
    }
}
