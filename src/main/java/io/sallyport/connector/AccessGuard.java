package io.sallyport.connector;

import io.netty.handler.codec.http.HttpHeaders;
import io.sallyport.token.AssertionVerifier;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets a request of a rule with {@code access.required} pass only with a valid assertion of the edge, so that
 * control of the tunnel or the edge alone does not give access: a valid session is needed too.
 */
final class AccessGuard {
    /** Where the edge puts its assertion. */
    static final String HEADER = "cf-access-jwt-assertion";

    /** The verdict on a request. */
    enum Verdict {
        PASS,
        /** There is no assertion, it is for another application, or it was revoked: 403. */
        FORBIDDEN,
        /** The assertion cannot be verified: 502, as in cloudflared. */
        UNVERIFIED
    }

    private final Map<String, AssertionVerifier> verifiers = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private final Withdrawn withdrawn;

    /** @param withdrawn knows what was revoked, and tells this guard when keys are revoked */
    AccessGuard(InstantSource clock, Withdrawn withdrawn) {
        this.clock = clock;
        this.withdrawn = withdrawn;
        withdrawn.whenKeysChange(() -> verifiers.forEach(this::tellKeys));
    }

    /** Decides; immediately when the issuer's keys are cached. */
    CompletableFuture<Verdict> check(AccessRequirement requirement, HttpHeaders headers) {
        if (!requirement.required()) {
            return CompletableFuture.completedFuture(Verdict.PASS);
        }
        List<String> shown = headers.getAll(HEADER);
        String issuer = requirement.issuer();
        if (shown.size() != 1 || issuer == null || requirement.audiences().isEmpty()) {
            return CompletableFuture.completedFuture(Verdict.FORBIDDEN);
        }
        return verifiers
                .computeIfAbsent(issuer, this::verifier)
                .verify(shown.getFirst(), requirement.audiences())
                .thenApply(outcome -> switch (outcome) {
                    case GENUINE -> Verdict.PASS;
                    case OTHER_AUDIENCE, REVOKED -> Verdict.FORBIDDEN;
                    case REFUSED -> Verdict.UNVERIFIED;
                });
    }

    private AssertionVerifier verifier(String issuer) {
        AssertionVerifier verifier = new AssertionVerifier(issuer, clock, withdrawn::covers);
        tellKeys(issuer, verifier);
        return verifier;
    }

    private void tellKeys(String issuer, AssertionVerifier verifier) {
        withdrawn.keys(issuer).ifPresentOrElse(verifier::published, verifier::publishedUnknown);
    }
}
