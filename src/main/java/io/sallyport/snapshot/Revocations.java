package io.sallyport.snapshot;

import io.sallyport.identity.AppId;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What no longer counts although its token has not expired: by epoch per person and application, by nonce per session (CS-08).
 *
 * @param sequence of the newest revocation it holds; only ever rises
 * @param users tokens of this person issued before the instant are dead
 * @param staleUsers tokens issued before the instant must be re-issued from the stored identity
 */
public record Revocations(
        long sequence,
        Map<UserId, Instant> users,
        Map<UserId, Instant> staleUsers,
        Map<AppId, Instant> applications,
        Set<IdentityNonce> sessions) {
    /** Copies the collections. */
    public Revocations {
        users = Map.copyOf(users);
        staleUsers = Map.copyOf(staleUsers);
        applications = Map.copyOf(applications);
        sessions = Set.copyOf(sessions);
    }

    /** Whether a token of this person and session was revoked. */
    public boolean revoked(UserId user, IdentityNonce session, Instant issuedAt) {
        Instant epoch = users.get(user);
        return sessions.contains(session) || (epoch != null && !issuedAt.isAfter(epoch));
    }

    /** Whether all tokens of this application issued then were revoked. */
    public boolean revoked(AppId application, Instant issuedAt) {
        Instant epoch = applications.get(application);
        return epoch != null && !issuedAt.isAfter(epoch);
    }
}
