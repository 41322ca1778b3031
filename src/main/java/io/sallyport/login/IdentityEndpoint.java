package io.sallyport.login;

import io.sallyport.session.IdentityObject;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.token.TokenClaims;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /cdn-cgi/access/get-identity}: the complete identity behind the presented token, from any
 * address, because origins ask on behalf of their visitors. Never holds a provider's token and
 * never gives other origins permission to read it (ER-03).
 */
final class IdentityEndpoint {
    private final Sessions sessions;
    private final Replies replies;

    IdentityEndpoint(Sessions sessions, Replies replies) {
        this.sessions = sessions;
        this.replies = replies;
    }

    /** Answers with the identity, or 400. */
    Reply tell(Visit visit) {
        Optional<TokenClaims> token = sessions.token(visit);
        if (token.isPresent() && token.get() instanceof TokenClaims.Service service) {
            return program(visit, service);
        }
        if (token.isPresent() && token.get() instanceof TokenClaims.Certificate certificate) {
            return told(visit, IdentityObject.of(certificate.holder(), account(visit), certificate.issuedAt()));
        }
        return token.flatMap(claims -> sessions.identity(visit, claims)
                        .map(identity -> told(
                                visit,
                                IdentityObject.of(identity, account(visit), claims.issuedAt(), visit.certificate()))))
                .orElseGet(() -> none(visit));
    }

    private Reply program(Visit visit, TokenClaims.Service token) {
        ServiceTokens.Entry entry =
                visit.snapshot().serviceTokens().byClientId().get(token.clientId());
        return entry == null
                ? none(visit)
                : told(visit, IdentityObject.of(entry.identity(), account(visit), token.issuedAt()));
    }

    private Reply told(Visit visit, Map<String, Object> identity) {
        return replies.json(visit, 200, identity);
    }

    private static String account(Visit visit) {
        return visit.snapshot().settings().accountId();
    }

    private Reply none(Visit visit) {
        return replies.json(visit, 400, Map.of("err", "no valid session"));
    }
}
