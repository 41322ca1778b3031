package io.sallyport.session;

import io.sallyport.identity.AppId;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.UserId;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stored identities behind sessions, in PostgreSQL. Blocking: call it on a virtual thread, never on an event loop. */
public interface SessionLedger {
    /**
     * The person with this verified address, made at the first login; remembers the name and the time. Empty while
     * logins are refused after {@link #revokeUser}, and when a directory has disabled the person.
     */
    Optional<UserId> person(Email email, @Nullable String name, Instant now);

    /** Whether a directory that ends sessions here has disabled everybody with this address. */
    boolean isDisabled(Email email);

    /** Stores a login until the global session expires. */
    default void begin(Identity identity, Instant expiresAt) {
        if (!begin(identity, expiresAt, null, null)) {
            throw new IllegalStateException("nothing ends what no provider tells of");
        }
    }

    /**
     * The same, with a name by which the person can recognise the session.
     *
     * @param device as {@link DeviceName} makes it
     * @param there the session at the provider whose end ends this one; null when the provider does not report that
     * @return false when that session has ended meanwhile, so that none was begun
     */
    boolean begin(Identity identity, Instant expiresAt, @Nullable String device, @Nullable ProviderSession there);

    /** The stored identity of a live session, with the person's present e-mail and name. */
    Optional<Identity> find(IdentityNonce nonce, Instant now);

    /**
     * The same for a caller that will {@link #redeem} a code with it immediately. For a login that began on this
     * replica some seconds ago it comes from memory; whether the session is still open is checked by the redemption.
     */
    default Optional<Identity> recent(IdentityNonce nonce, Instant now) {
        return find(nonce, now);
    }

    /** Records that the session got a token for an application, for the admin's list of active sessions. */
    void touch(IdentityNonce nonce, AppId application, Instant expiresAt);

    /**
     * The same for a one-time code, which works once on all replicas: both are recorded, or neither.
     *
     * @param codeEnds when the code expires
     * @return false when the code was used before, or the session has ended
     */
    boolean redeem(String code, Instant codeEnds, IdentityNonce nonce, AppId application, Instant expiresAt);

    /** Ends one session everywhere. */
    void revokeSession(IdentityNonce nonce);

    /** Ends every session of a person; logins are refused for up to a minute. */
    void revokeUser(UserId user);

    /** Lets a person's tokens be re-issued from the stored identity at their next use. */
    void refreshUser(UserId user);

    /** Ends all tokens that were issued for a service token until now. */
    void revokeService(String clientId);

    /**
     * Ends every session that began with a login at this provider; deleting the provider deletes its sessions, and this
     * ends their tokens.
     */
    void revokeProvider(IdpId provider);

    /** Ends every session of an application, and the app passes for it. */
    void revokeApplication(AppId application);
}
