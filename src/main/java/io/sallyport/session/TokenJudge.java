package io.sallyport.session;

import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.policy.FactSet;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenVerifier;
import io.sallyport.token.TokenVerifier.Verification;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges single tokens for one application at one moment: genuine, not expired, for this application, and not revoked.
 */
record TokenJudge(Snapshot snapshot, Application application, Presented presented, Instant now) {
    static final SessionState.BadServiceToken NOT_EXCHANGED =
            new SessionState.BadServiceToken("exchanged workload token does not authenticate");

    /**
     * How long a replica may still issue cookies for a replaced service-token secret, because it has not read the change
     * yet (CS-07).
     */
    private static final Duration ARRIVES = Duration.ofSeconds(30);

    SessionState judge(String compact) {
        Verification verification =
                TokenVerifier.verify(snapshot.keys(), snapshot.settings().issuer(), compact, now);
        return switch (verification) {
            case Verification.Rejected rejected -> new SessionState.Rejected(rejected.reason());
            case Verification.Expired expired ->
                isForUs(expired.claims())
                        ? expired.claims() instanceof TokenClaims.Workload
                                ? NOT_EXCHANGED // a program cannot log in
                                : new SessionState.Expired()
                        : new SessionState.Rejected("a token for something else");
            case Verification.Verified verified ->
                switch (verified.claims()) {
                    case TokenClaims.App app -> person(app, compact);
                    case TokenClaims.Service service -> program(service, compact);
                    case TokenClaims.Workload workload -> workload(workload);
                    case TokenClaims.Certificate c ->
                        new SessionState.Rejected("a certificate shows itself at every request");
                    case TokenClaims.Global g -> new SessionState.Rejected("the global token opens no application");
                    case TokenClaims.Meta m -> new SessionState.Rejected("a meta token is no session");
                    case TokenClaims.Match m -> new SessionState.Rejected("a match token is no session");
                    case TokenClaims.Evaluation e -> new SessionState.Rejected("an evaluation is no session");
                };
        };
    }

    private boolean isForUs(TokenClaims claims) {
        return switch (claims) {
            case TokenClaims.App app -> app.audience().equals(application.audience());
            case TokenClaims.Service service -> service.audience().equals(application.audience());
            case TokenClaims.Workload workload -> workload.audience().equals(application.audience());
            case TokenClaims.Certificate c -> false;
            case TokenClaims.Global g -> false;
            case TokenClaims.Meta m -> false;
            case TokenClaims.Match m -> false;
            case TokenClaims.Evaluation e -> false;
        };
    }

    private SessionState person(TokenClaims.App claims, String compact) {
        if (!isForUs(claims)) {
            return new SessionState.Rejected("a token for another application");
        }
        if (snapshot.revocations().revoked(claims.subject(), claims.nonce(), claims.issuedAt())
                || snapshot.revocations().revoked(application.id(), claims.issuedAt())) {
            return new SessionState.Rejected("revoked");
        }
        if (application.cookies().binding() && !isBound(claims.binding())) {
            return new SessionState.Rejected("not bound to this browser");
        }
        if (claims.certificate() != null && !claims.certificate().equals(presented.certificate())) {
            return new SessionState.Rejected("bound to a client certificate that is not shown");
        }
        Instant refreshed = snapshot.revocations().staleUsers().get(claims.subject());
        if (refreshed != null && claims.issuedAt().isBefore(refreshed)) {
            return new SessionState.Stale(claims);
        }
        Optional<FactSet.Captured> facts = application.policy().facts().decode(claims.facts());
        return facts.isPresent()
                ? new SessionState.Present(claims, facts.get(), compact)
                : new SessionState.Stale(claims);
    }

    /** Whether one of the CF_Binding values belongs to the token (CS-06). */
    private boolean isBound(@Nullable String binding) {
        if (binding == null) {
            return false;
        }
        byte[] expected = binding.getBytes(StandardCharsets.UTF_8);
        return presented.tokens().bindings().stream()
                .anyMatch(value -> MessageDigest.isEqual(
                        expected, SessionCookie.fingerprint(value).getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The token's issuer must still be registered, and the application's sessions not revoked since; policies check the
     * rest.
     */
    private SessionState workload(TokenClaims.Workload claims) {
        if (!isForUs(claims)) {
            return new SessionState.Rejected("a token for another application");
        }
        if (snapshot.revocations().revoked(application.id(), claims.issuedAt())) {
            return new SessionState.Rejected("revoked");
        }
        return snapshot.workloads()
                .byId(claims.issuer())
                .<SessionState>map(issuer -> new SessionState.Service(new ServiceIdentity(
                        new ServiceTokenId(issuer.id()), claims.commonName(), issuer.name(), claims.claims())))
                .orElseGet(() -> new SessionState.Rejected("nobody vouches for that workload any more"));
    }

    private SessionState program(TokenClaims.Service claims, String compact) {
        if (!isForUs(claims)) {
            return new SessionState.Rejected("a token for another application");
        }
        if (snapshot.settings().strictServiceTokens()) {
            return new SessionState.Rejected("strict mode: a service token shows itself at every request");
        }
        if (snapshot.revocations().revoked(application.id(), claims.issuedAt())
                || snapshot.revocations()
                        .revokedService(claims.clientId(), claims.issuedAt().minus(ARRIVES))) {
            return new SessionState.Rejected("revoked");
        }
        ServiceTokens.Entry entry = snapshot.serviceTokens().byClientId().get(claims.clientId());
        return entry != null && entry.enabled() && now.isBefore(entry.expiresAt())
                ? new SessionState.ServiceCookie(claims, entry.identity(), compact)
                : new SessionState.Rejected("the service token behind it is gone, disabled or expired");
    }
}
