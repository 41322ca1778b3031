package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.Audience;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Application tokens for programs: one signature serves the requests of a service token, or of a client certificate, to
 * an application for a few minutes. The token lives as long as the application's sessions do, so that
 * in non-strict mode a program may come back with it; it is replaced long before it expires, so that origins always get
 * a fresh one. Signing takes a millisecond of CPU time and never blocks.
 */
public final class ServiceAssertions {
    private static final Duration REUSED = Duration.ofMinutes(5);
    private static final long MOST = 10_000;

    private final Cache<Key, Kept> kept =
            Caffeine.newBuilder().maximumSize(MOST).build();

    /** A signed token and when it stops working. */
    public record Assertion(String compact, Instant expiresAt) {}

    /**
     * The signing key is part of the cache's key, so that after an emergency rotation no token signed with the lost key
     * is used (JW-02).
     */
    private record Key(String issuer, String kid, Audience audience, String who, Duration life) {}

    /** @param signedAt as the token says it, in whole seconds */
    private record Kept(Assertion assertion, Instant signedAt, Instant freshUntil) {}

    /** The cached token; null when one has to be signed. No I/O, so it may be called on an event loop. */
    public @Nullable Assertion known(
            Snapshot snapshot, Application application, ServiceIdentity identity, Instant now) {
        Kept found = fresh(key(snapshot, application, identity.clientId(), now), now);
        return found == null
                        || isRevoked(snapshot, application, found)
                        || snapshot.revocations().revokedService(identity.clientId(), found.signedAt())
                ? null
                : found.assertion();
    }

    /** The same for the holder of a client certificate. */
    public @Nullable Assertion known(
            Snapshot snapshot, Application application, CertificateIdentity holder, Instant now) {
        Kept found = fresh(key(snapshot, application, holder.thumbprint(), now), now);
        return found == null || isRevoked(snapshot, application, found) ? null : found.assertion();
    }

    private @Nullable Kept fresh(Key key, Instant now) {
        Kept found = kept.getIfPresent(key);
        return found != null && now.isBefore(found.freshUntil()) ? found : null;
    }

    /**
     * Whether the token was signed before a revocation: connectors would refuse it, although its holder is admitted
     * again.
     */
    private static boolean isRevoked(Snapshot snapshot, Application application, Kept found) {
        return snapshot.revocations().revoked(application.id(), found.signedAt());
    }

    /** Signs one and remembers it. */
    public Assertion sign(Snapshot snapshot, Application application, ServiceIdentity identity, Instant now) {
        Key key = key(snapshot, application, identity.clientId(), now);
        ServiceTokens.Entry behind = snapshot.serviceTokens().byClientId().get(identity.clientId());
        Instant end = ends(key, now);
        Instant bound = behind != null && behind.expiresAt().isBefore(end) ? behind.expiresAt() : end;
        return sign(snapshot, key, new TokenClaims.Service(key.audience(), key.who(), now, bound), now);
    }

    /** Signs one for the holder of a client certificate and remembers it. */
    public Assertion sign(Snapshot snapshot, Application application, CertificateIdentity holder, Instant now) {
        Key key = key(snapshot, application, holder.thumbprint(), now);
        return sign(snapshot, key, new TokenClaims.Certificate(key.audience(), holder, now, ends(key, now)), now);
    }

    private static Instant ends(Key key, Instant now) {
        return Instant.ofEpochSecond(now.plus(key.life()).getEpochSecond());
    }

    private Assertion sign(Snapshot snapshot, Key key, TokenClaims claims, Instant now) {
        Assertion assertion =
                new Assertion(TokenIssuer.sign(snapshot.keys(), key.issuer(), claims), claims.expiresAt());
        Duration half = key.life().dividedBy(2);
        kept.put(
                key,
                new Kept(
                        assertion,
                        Instant.ofEpochSecond(now.getEpochSecond()),
                        now.plus(half.compareTo(REUSED) < 0 ? half : REUSED)));
        return assertion;
    }

    private static Key key(Snapshot snapshot, Application application, String who, Instant now) {
        return new Key(
                snapshot.settings().issuer(),
                snapshot.keys().signing(now).kid(),
                application.audience(),
                who,
                TokenLife.of(application.sessionDuration()));
    }
}
