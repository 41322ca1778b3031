package io.sallyport.audit;

import io.sallyport.identity.AppId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something that happened and is kept. */
public sealed interface AuditEvent {
    /** When. */
    Instant at();

    /**
     * A login, a refused login, a logout or a service-token authentication.
     *
     * @param action {@code login} or {@code logout}
     * @param reason a stable lower-case code: {@code allowed_by_policy}, {@code wrong_pin}, {@code provider_error}, …
     * @param serviceToken client id, for service tokens
     */
    record Authentication(
            Instant at,
            String ray,
            String action,
            boolean allowed,
            String reason,
            @Nullable AppId application,
            @Nullable String applicationDomain,
            @Nullable IdpRef connection,
            @Nullable UserId user,
            @Nullable String email,
            @Nullable String ip,
            @Nullable String country,
            @Nullable String serviceToken)
            implements AuditEvent {}
}
