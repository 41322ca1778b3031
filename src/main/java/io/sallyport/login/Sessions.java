package io.sallyport.login;

import io.sallyport.identity.Identity;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.Application;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenVerifier;
import io.sallyport.token.TokenVerifier.Verification;
import java.util.List;
import java.util.Optional;

/** Reads the tokens of a request to one of our own pages, and finds the stored identity. */
final class Sessions {
    private final SessionLedger ledger;

    Sessions(SessionLedger ledger) {
        this.ledger = ledger;
    }

    /**
     * The only valid token among the CF_Authorization cookies; empty when several different ones are genuine. All of
     * them are checked (a header has room for few), because a sibling host can plant any number of cookies with longer
     * paths that come before the real one (CS-04).
     */
    Optional<TokenClaims> token(Visit visit) {
        List<TokenClaims> live = visit.authorizationCookies().stream()
                .distinct()
                .flatMap(compact -> verified(visit, compact).stream())
                .filter(claims -> counts(visit, claims))
                .toList();
        return live.size() == 1 ? Optional.of(live.getFirst()) : Optional.empty();
    }

    /** The valid global session, the only token that signs in to other applications (CS-05). */
    Optional<TokenClaims.Global> session(Visit visit) {
        return token(visit).filter(TokenClaims.Global.class::isInstance).map(TokenClaims.Global.class::cast);
    }

    /** The stored identity of the global session. */
    Optional<Identity> global(Visit visit) {
        return session(visit).flatMap(global -> identity(visit, global));
    }

    /** The stored identity behind a token of a person. */
    Optional<Identity> identity(Visit visit, TokenClaims claims) {
        return switch (claims) {
            case TokenClaims.Global global -> ledger.find(global.nonce(), visit.now());
            case TokenClaims.App app -> ledger.find(app.nonce(), visit.now());
            case TokenClaims.Service _,
                    TokenClaims.Workload _,
                    TokenClaims.Certificate _,
                    TokenClaims.Meta _,
                    TokenClaims.Match _,
                    TokenClaims.Evaluation _ -> Optional.empty();
        };
    }

    private static Optional<TokenClaims> verified(Visit visit, String compact) {
        Verification verification = TokenVerifier.verify(
                visit.snapshot().keys(), visit.snapshot().settings().issuer(), compact, visit.now());
        return verification instanceof Verification.Verified verified
                ? Optional.of(verified.claims())
                : Optional.empty();
    }

    private static boolean counts(Visit visit, TokenClaims claims) {
        return switch (claims) {
            case TokenClaims.Global global ->
                !visit.snapshot().revocations().revoked(global.subject(), global.nonce(), global.issuedAt());
            case TokenClaims.App app -> {
                Application application =
                        visit.snapshot().applicationsByAudience().get(app.audience());
                yield application != null
                        && !visit.snapshot().revocations().revoked(app.subject(), app.nonce(), app.issuedAt())
                        && !visit.snapshot().revocations().revoked(application.id(), app.issuedAt());
            }
            case TokenClaims.Service service -> {
                Application application =
                        visit.snapshot().applicationsByAudience().get(service.audience());
                yield application != null
                        && !visit.snapshot().revocations().revoked(application.id(), service.issuedAt())
                        && visit.snapshot().serviceTokens().byClientId().containsKey(service.clientId());
            }
            case TokenClaims.Certificate certificate -> {
                Application application =
                        visit.snapshot().applicationsByAudience().get(certificate.audience());
                yield application != null
                        && !visit.snapshot().revocations().revoked(application.id(), certificate.issuedAt());
            }
            case TokenClaims.Workload _, TokenClaims.Meta _, TokenClaims.Match _, TokenClaims.Evaluation _ -> false;
        };
    }
}
