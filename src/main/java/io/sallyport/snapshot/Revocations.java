package io.sallyport.snapshot;

import io.sallyport.identity.AppId;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;

/**
 * Revoked tokens that have not expired: by time per person, application and service token, and by nonce per session
 * (CS-08).
 *
 * @param mark differs for each state of the revocation log; it rises when entries are added and falls when old ones are
 *     deleted
 * @param users tokens of this person issued before the instant are dead
 * @param services by client id
 * @param staleUsers tokens issued before the instant must be re-issued from the stored identity
 */
public record Revocations(
        long mark,
        Map<UserId, Instant> users,
        Map<UserId, Instant> staleUsers,
        Map<AppId, Instant> applications,
        Map<String, Instant> services,
        Set<IdentityNonce> sessions) {
    /** Copies the collections. */
    public Revocations {
        users = Map.copyOf(users);
        staleUsers = Map.copyOf(staleUsers);
        applications = Map.copyOf(applications);
        services = Map.copyOf(services);
        sessions = Set.copyOf(sessions);
    }

    /** Whether a token of this person and session was revoked. */
    public boolean revoked(UserId user, IdentityNonce session, Instant issuedAt) {
        Instant epoch = users.get(user);
        return sessions.contains(session) || (epoch != null && !issuedAt.isAfter(epoch));
    }

    /** Whether a token issued for this service token was revoked; tokens state their time in whole seconds. */
    public boolean revokedService(String clientId, Instant issuedAt) {
        Instant epoch = services.get(clientId);
        return epoch != null && !issuedAt.truncatedTo(ChronoUnit.SECONDS).isAfter(epoch);
    }

    /** Whether all tokens of this application issued then were revoked. */
    public boolean revoked(AppId application, Instant issuedAt) {
        Instant epoch = applications.get(application);
        return epoch != null && !issuedAt.isAfter(epoch);
    }
}
