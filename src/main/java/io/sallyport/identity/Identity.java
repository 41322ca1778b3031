package io.sallyport.identity;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A person as one login established them. Stored whole under {@link #nonce}; what tokens carry is derived from it.
 *
 * @param email verified by the provider, or proved by a one-time PIN
 * @param groups complete, as the provider of this login reported them
 * @param amr RFC 8176 authentication methods
 * @param claims the provider's configured custom claims, JSON values (String, Number, Boolean, List, Map), in configured order
 * @param country ISO 3166-1 alpha-2 at login, when a geo database is installed
 * @param ip the client address at login
 */
public record Identity(
        UserId user,
        Email email,
        @Nullable String name,
        IdpRef idp,
        List<Group> groups,
        List<String> amr,
        Map<String, Object> claims,
        @Nullable String country,
        @Nullable String ip,
        Instant authenticatedAt,
        IdentityNonce nonce) {
    /** Copies its collections, so that nobody can change an identity afterwards. */
    public Identity {
        groups = List.copyOf(groups);
        amr = List.copyOf(amr);
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /** The same login as another session, of a person who may be called otherwise by now. */
    public Identity as(IdentityNonce session, Email address, @Nullable String called) {
        return new Identity(user, address, called, idp, groups, amr, claims, country, ip, authenticatedAt, session);
    }
}
