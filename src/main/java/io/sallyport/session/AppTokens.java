package io.sallyport.session;

import io.sallyport.identity.Identity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides with a stored identity and issues the application token: at login, at the silent hop over the team domain, and when a
 * token lacks a fact. Blocking, because external evaluators may have to be asked (§15).
 */
public interface AppTokens {
    /** The decision and, when it is a permit, the signed token. */
    record Issued(
            Decision decision,
            @Nullable String compact,
            @Nullable Instant expiresAt) {}

    /**
     * Evaluates the application's policies for the person and signs a token when they admit.
     *
     * @param anonymous the request's network facts; its subject is replaced by the person
     * @param binding base64url SHA-256 of the CF_Binding value, null when the application does not use it
     */
    Issued issue(
            Snapshot snapshot,
            Application application,
            Identity identity,
            AccessRequest anonymous,
            @Nullable String binding,
            Instant now);
}
