package io.sallyport.session;

import io.sallyport.identity.Identity;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.policy.FactSet;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.token.TokenClaims;
import org.jspecify.annotations.Nullable;

/** Who sends a request to an application, as far as its credentials tell. */
public sealed interface SessionState {
    /**
     * A person with a valid application token that carries every fact the policies look at.
     *
     * @param compact the token as presented; the assertion for the origin
     */
    record Present(TokenClaims.App claims, FactSet.Captured facts, String compact) implements SessionState {}

    /**
     * A person whose token is valid, but holds other facts than the policies now ask for, or is older than the person's
     * last change: it is to be re-issued from the stored identity.
     */
    record Stale(TokenClaims.App claims) implements SessionState {}

    /** The reason of {@link BadServiceToken} for an app pass. */
    String BAD_PASS = "app pass does not authenticate";

    /** A person with an app pass, with all facts that the current policies ask for. */
    record Pass(AppPasses.Entry entry, Identity identity, FactSet.Captured facts) implements SessionState {}

    /** A program with valid service-token credentials on this request. */
    record Service(ServiceIdentity identity) implements SessionState {}

    /** A program with the cookie that an earlier service-token request was given (non-strict mode only). */
    record ServiceCookie(TokenClaims.Service claims, ServiceIdentity identity, String compact)
            implements SessionState {}

    /** Nothing was presented. */
    record Absent() implements SessionState {}

    /** An expired token. */
    record Expired() implements SessionState {}

    /**
     * Invalid credentials.
     *
     * @param reason for the log only
     */
    record Rejected(String reason) implements SessionState {}

    /** Service-token credentials were presented and do not authenticate: 401, whatever else came along (ST-02, ST-03). */
    record BadServiceToken(String reason) implements SessionState {}

    /** The program; null when it is a person, or nobody. */
    default @Nullable ServiceIdentity service() {
        return switch (this) {
            case Service service -> service.identity();
            case ServiceCookie cookie -> cookie.identity();
            case Present _, Stale _, Pass _, Absent _, Expired _, Rejected _, BadServiceToken _ -> null;
        };
    }

    /** The subject of the request for policies. */
    default Subject subject() {
        return switch (this) {
            case Present present -> new Subject.Person(present.claims().email(), present.facts());
            case Pass pass -> new Subject.Person(pass.identity().email(), pass.facts());
            case Stale _, Service _, ServiceCookie _, Absent _, Expired _, Rejected _, BadServiceToken _ ->
                new Subject.Anonymous();
        };
    }
}
