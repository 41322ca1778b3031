package io.sallyport.session;

import io.sallyport.identity.Identity;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenVerifier;
import io.sallyport.token.TokenVerifier.Verification;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Finds who is signed in on the team domain: the only valid global token among the CF_Authorization cookies, and its
 * stored identity. Blocking.
 */
public final class GlobalSession {
    private final SessionLedger ledger;

    /** @param ledger where identities are stored */
    public GlobalSession(SessionLedger ledger) {
        this.ledger = ledger;
    }

    /** The person; empty for strangers, and when several different tokens are genuine (CS-04). */
    public Optional<Identity> person(Snapshot snapshot, List<String> authorizationCookies, Instant now) {
        List<TokenClaims.Global> live = authorizationCookies.stream()
                .distinct()
                .flatMap(compact -> genuine(snapshot, compact, now).stream())
                .toList();
        return live.size() == 1 ? ledger.find(live.getFirst().nonce(), now) : Optional.empty();
    }

    private static Optional<TokenClaims.Global> genuine(Snapshot snapshot, String compact, Instant now) {
        Verification verification =
                TokenVerifier.verify(snapshot.keys(), snapshot.settings().issuer(), compact, now);
        return verification instanceof Verification.Verified(TokenClaims.Global global)
                        && !snapshot.revocations().revoked(global.subject(), global.nonce(), global.issuedAt())
                ? Optional.of(global)
                : Optional.empty();
    }
}
