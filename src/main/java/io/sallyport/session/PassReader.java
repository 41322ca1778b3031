package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns an app pass into the person it belongs to: the stored identity, with all facts that the current policies ask
 * for. External evaluators are not asked, so a rule that depends on one stays undecided. No I/O.
 */
final class PassReader {
    private static final Duration LIFE = Duration.ofMinutes(10);
    private static final Duration REUSED = Duration.ofMinutes(5);

    private final Cache<AppPasses.Entry, Identity> identities =
            Caffeine.newBuilder().maximumSize(10_000).build();
    private final Cache<Key, Kept> assertions =
            Caffeine.newBuilder().maximumSize(10_000).build();

    private record Key(String issuer, String kid, AppPasses.Entry pass, String facts, Map<String, Object> custom) {}

    private record Kept(String compact, Instant freshUntil) {}

    /** The session of a pass in a header field; empty when there is none. */
    Optional<SessionState> shown(Snapshot snapshot, Application application, PassCredentials passes, Instant now) {
        if (application.passes() == null || passes.shown().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of((passes.shown().size() > 1
                        ? Optional.<SessionState>empty()
                        : person(snapshot, application, passes.shown().getFirst(), now))
                .orElseGet(() -> new SessionState.BadServiceToken(SessionState.BAD_PASS)));
    }

    /** The session of a pass in a cookie; empty when none is valid, or more than one is (CS-04). */
    Optional<SessionState> kept(Snapshot snapshot, Application application, PassCredentials passes, Instant now) {
        if (application.passes() == null) {
            return Optional.empty();
        }
        List<SessionState> found = passes.cookies().stream()
                .distinct()
                .flatMap(secret -> person(snapshot, application, secret, now).stream())
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private Optional<SessionState> person(Snapshot snapshot, Application application, String secret, Instant now) {
        return snapshot.appPasses()
                .find(secret, application.id(), snapshot.revocations(), now)
                .map(pass -> new PassFound(pass, identities.get(pass, PassReader::identity)))
                .filter(found -> application.allowedIdps().isEmpty()
                        || application
                                .allowedIdps()
                                .contains(found.identity().idp().id()))
                .map(found -> new SessionState.Pass(
                        found.pass(),
                        found.identity(),
                        application.policy().facts().capture(found.identity(), Map.of())));
    }

    private record PassFound(AppPasses.Entry pass, Identity identity) {}

    private static Identity identity(AppPasses.Entry pass) {
        Identity stored = StoredIdentityJson.read(pass.identity());
        return stored.as(pass.nonce(), new Email(pass.email()), stored.name());
    }

    /** The cached token for the origin; null when one has to be signed. */
    @Nullable
    String known(Snapshot snapshot, SessionState.Pass pass, Instant now) {
        Kept found = assertions.getIfPresent(key(snapshot, pass, now));
        return found != null && now.isBefore(found.freshUntil()) ? found.compact() : null;
    }

    /** Signs a token that is valid for ten minutes and cached for five. */
    String sign(Snapshot snapshot, Application application, SessionState.Pass pass, Instant now) {
        Identity person = pass.identity();
        Instant ends = now.plus(LIFE).isBefore(pass.entry().expiresAt())
                ? now.plus(LIFE)
                : pass.entry().expiresAt();
        TokenClaims.App claims = new TokenClaims.App(
                application.audience(),
                person.user(),
                person.email(),
                person.nonce(),
                person.country(),
                HeaderAttributes.custom(snapshot, person),
                pass.facts().encode(),
                null,
                now,
                Instant.ofEpochSecond(ends.getEpochSecond()));
        String compact = TokenIssuer.fit(snapshot.keys(), snapshot.settings().issuer(), claims)
                .compact();
        assertions.put(key(snapshot, pass, now), new Kept(compact, now.plus(REUSED)));
        return compact;
    }

    private static Key key(Snapshot snapshot, SessionState.Pass pass, Instant now) {
        return new Key(
                snapshot.settings().issuer(),
                snapshot.keys().signing(now).kid(),
                pass.entry(),
                pass.facts().encode(),
                HeaderAttributes.custom(snapshot, pass.identity()));
    }
}
