package io.sallyport.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.http.AccessHeaders;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import io.sallyport.web.SecurityHeaders;
import java.time.Duration;
import java.time.Instant;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Answers what command lines ask an application host: which application this is, and
 * whether their token is still valid for it. The origin is not asked.
 */
final class CommandLines {
    private static final Duration LIFE = Duration.ofHours(1);
    private static final Duration REUSED = Duration.ofMinutes(5);
    private static final String CHECK = "cloudflared_token_check=true";

    private final Offload offload;
    private final Cache<Key, String> described =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(REUSED).build();

    CommandLines(Offload offload) {
        this.offload = offload;
    }

    private record Key(long version, String kid, Application application, String host) {}

    static boolean asksForMetadata(EdgeRequest request) {
        return "true".equals(request.getHeaders().getFirst(AccessHeaders.METADATA_REQUEST));
    }

    static boolean checksToken(EdgeRequest request) {
        String query = request.getURI().getRawQuery();
        return query != null
                && query.contains(CHECK)
                && request.getHeaders().containsHeader(AccessHeaders.ACCESS_TOKEN);
    }

    /**
     * Whether this is a command line that opens a stream. Unlike a browser it sends no {@code Origin}, and it follows
     * the redirect to the login.
     */
    static boolean opensStream(EdgeRequest request) {
        return request.isWebSocket() && !request.getHeaders().containsHeader(HttpHeaders.ORIGIN);
    }

    /**
     * The answer is signed, so that nobody on the way can send a person to another sign-in page. One signature is used
     * for some minutes.
     */
    Mono<Void> describe(ServerWebExchange exchange, AccessExchange access, Application application, Instant now) {
        AccessRecord.of(exchange).outcome("answered", "metadata");
        Snapshot snapshot = access.snapshot();
        String host = access.context().target().host().value();
        Key key = new Key(snapshot.version(), snapshot.keys().signing(now).kid(), application, host);
        String known = described.getIfPresent(key);
        Mono<String> signed = known != null
                ? Mono.just(known)
                : offload.call(() -> described.get(key, _ -> sign(snapshot, application, host, now)));
        return signed.flatMap(compact -> {
            HttpHeaders headers = exchange.getResponse().getHeaders();
            SecurityHeaders.write(headers, access.context().secure());
            headers.set(AccessHeaders.METADATA, compact);
            name(headers, application);
            headers.setContentLength(0);
            exchange.getResponse().setStatusCode(HttpStatus.OK);
            return exchange.getResponse().setComplete();
        });
    }

    /**
     * Nobody needs a token. cloudflared takes an answer without a description for that of an address without Access, which is what it
     * gets from Cloudflare in this case; our own command line is told which application it is all the same.
     */
    static Mono<Void> askNobody(ServerWebExchange exchange, Application application) {
        AccessRecord.of(exchange).outcome("answered", "metadata");
        name(exchange.getResponse().getHeaders(), application);
        return confirm(exchange);
    }

    /** The token opens the application. */
    static Mono<Void> confirm(ServerWebExchange exchange) {
        HttpHeaders headers = exchange.getResponse().getHeaders();
        SecurityHeaders.write(headers, AccessExchange.of(exchange).context().secure());
        headers.setContentLength(0);
        exchange.getResponse().setStatusCode(HttpStatus.OK);
        return exchange.getResponse().setComplete();
    }

    /** Response headers that cloudflared before 2026.8 reads instead of asking. */
    static void name(HttpHeaders headers, Application application) {
        headers.set(AccessHeaders.DOMAIN, application.domain());
        headers.set(AccessHeaders.AUD, application.audience().value());
    }

    private static String sign(Snapshot snapshot, Application application, String host, Instant now) {
        TokenClaims.Match match = new TokenClaims.Match(
                application.audience(),
                host,
                snapshot.settings().authDomain().value(),
                application.domain(),
                now,
                now.plus(LIFE));
        return TokenIssuer.sign(snapshot.keys(), snapshot.settings().issuer(), match);
    }
}
