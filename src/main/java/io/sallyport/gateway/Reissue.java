package io.sallyport.gateway;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.AppId;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.policy.AccessRequest;
import io.sallyport.session.AppTokens;
import io.sallyport.session.AppTokens.Issued;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionCookie;
import io.sallyport.session.SessionLedger;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/**
 * Issues a new application token from the stored identity when the one presented lacks a fact that the policies now look at: no
 * sign-out, no redirect, no 401 (issue 2, 5a). A page that asks for twenty things at once causes one re-issue.
 */
final class Reissue {
    private final AppTokens tokens;
    private final SessionLedger ledger;
    private final Offload offload;
    private final AsyncCache<Key, Ruling> recent;

    Reissue(AppTokens tokens, SessionLedger ledger, Offload offload) {
        this.tokens = tokens;
        this.ledger = ledger;
        this.offload = offload;
        this.recent = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfterWrite(Duration.ofSeconds(10))
                .executor(offload.threads())
                .buildAsync();
    }

    /**
     * Identifies requests that can share a re-issue; the network facts are part of it, because the decision depends on
     * them.
     */
    private record Key(
            IdentityNonce nonce,
            AppId application,
            long version,
            Instant issuedAt,
            InetAddress client,
            @Nullable CertificateIdentity certificate) {}

    /** Decides with the stored identity. A database that does not answer makes this 503: what cannot be proved is not allowed. */
    Mono<Ruling> decide(
            Snapshot snapshot,
            Application application,
            SessionState.Stale stale,
            Presented presented,
            AccessRequest anonymous,
            Instant now) {
        Key key = new Key(
                stale.claims().nonce(),
                application.id(),
                snapshot.version(),
                stale.claims().issuedAt(),
                anonymous.client(),
                anonymous.certificate());
        return Mono.fromFuture(
                        () -> recent.get(
                                key,
                                (k, executor) -> offload.call(
                                                room(application),
                                                () -> issue(snapshot, application, stale, presented, anonymous, now))
                                        .toFuture()),
                        true)
                .onErrorMap(
                        e -> !(e instanceof ResponseStatusException),
                        e -> new ResponseStatusException(
                                HttpStatus.SERVICE_UNAVAILABLE, "the stored identity cannot be read", e));
    }

    private static Offload.Room room(Application application) {
        return application.policy().evaluators().isEmpty() ? Offload.Room.OURS : Offload.Room.EVALUATORS;
    }

    private Ruling issue(
            Snapshot snapshot,
            Application application,
            SessionState.Stale stale,
            Presented presented,
            AccessRequest anonymous,
            Instant now) {
        Optional<Identity> identity = ledger.find(stale.claims().nonce(), now);
        if (identity.isEmpty()) {
            return Ruling.of(
                    new SessionState.Expired(),
                    presented,
                    anonymous,
                    application.policy().decide(anonymous));
        }
        return switch (tokens.renew(snapshot, application, identity.get(), anonymous, stale.claims(), now)) {
            case Issued.Refused(AppTokens.Judged judged) ->
                Ruling.of(stale, presented, judged.asked(), judged.decision());
            case Issued.Token token ->
                new Ruling(
                        token.session(),
                        presented.renewed(token.compact()),
                        token.asked(),
                        token.permit(),
                        SessionCookie.application(application, token.compact(), token.cookieEnd(application)));
        };
    }
}
