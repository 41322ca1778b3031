package io.sallyport.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.http.HostName;
import io.sallyport.identity.Audience;
import io.sallyport.session.BrowserMarks;
import io.sallyport.session.SessionCookie;
import io.sallyport.snapshot.Application;
import io.sallyport.token.KeyRing;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import io.sallyport.web.Answers;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Sends a browser to the team domain to sign in: 302, and the cookie that ties the round trip to this browser. */
final class LoginRedirect {
    private static final Duration META_LIFE = Duration.ofMinutes(5);
    private static final Duration SHARED = Duration.ofSeconds(30);
    private static final int MOST_SHARED = 1_000;
    private static final int LONGEST_SHARED = 256;

    private final Answers answers;
    private final BrowserMarks marks;
    private final Offload offload;

    /**
     * A {@code meta} token names no browser, so one signature (which costs over a millisecond) serves everybody who
     * opens the same page within half a minute. The signing key is part of the cache's key.
     */
    private final Cache<Opened, String> shared = Caffeine.newBuilder()
            .maximumSize(MOST_SHARED)
            .expireAfterWrite(SHARED)
            .build();

    LoginRedirect(Answers answers, BrowserMarks marks, Offload offload) {
        this.answers = answers;
        this.marks = marks;
        this.offload = offload;
    }

    /** Everything that a {@code meta} says about a visitor without a client certificate, except the time. */
    private record Opened(
            KeyRing keys, String issuer, Audience application, String host, String back, boolean serviceToken) {}

    /** @param serviceToken whether service-token credentials came along and did not suffice */
    Mono<Void> send(ServerWebExchange exchange, Standing standing, boolean serviceToken) {
        AccessExchange access = standing.access();
        Application application = standing.application();
        Instant now = standing.now();
        String appSession = appSession(exchange);
        HostName host = access.context().target().host();
        String back = backTo(exchange, access);
        String mark = marks.write(application.audience(), host, SessionCookie.fingerprint(appSession));
        TokenClaims.Meta meta = new TokenClaims.Meta(
                application.audience(),
                host.value(),
                back,
                serviceToken,
                access.certificate().holder(),
                now,
                now.plus(META_LIFE));
        String issuer = access.snapshot().settings().issuer();
        return signed(access.snapshot().keys(), issuer, meta).flatMap(signed -> {
            exchange.getResponse().getHeaders().add(HttpHeaders.SET_COOKIE, SessionCookie.appSession(appSession, now));
            CommandLines.name(exchange.getResponse().getHeaders(), application);
            return answers.redirect(
                    exchange,
                    issuer + AccessHeaders.RESERVED_PATH + "login/" + host.value() + "?kid=" + application.audience()
                            + "&redirect_url=" + URLEncoder.encode(back, StandardCharsets.UTF_8) + "&"
                            + BrowserMarks.PARAMETER + "=" + mark + "&meta=" + signed);
        });
    }

    /** Signs off the event loop: anybody can cause this signature. */
    private Mono<String> signed(KeyRing keys, String issuer, TokenClaims.Meta meta) {
        if (meta.certificate() != null || meta.redirectUrl().length() > LONGEST_SHARED) {
            return offload.call(() -> TokenIssuer.sign(keys, issuer, meta));
        }
        Opened opened = new Opened(
                keys, issuer, meta.audience(), meta.hostname(), meta.redirectUrl(), meta.serviceTokenStatus());
        String known = shared.getIfPresent(opened);
        return known != null
                ? Mono.just(known)
                : offload.call(() -> {
                    String signed = TokenIssuer.sign(keys, issuer, meta);
                    shared.put(opened, signed);
                    return signed;
                });
    }

    /**
     * The path to return to. A redirect comes back as a GET, so after a form post the browser returns to the path that
     * the form was posted to.
     */
    private static String backTo(ServerWebExchange exchange, AccessExchange access) {
        HttpMethod method = exchange.getRequest().getMethod();
        return HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method)
                ? access.context().target().pathAndQuery()
                : access.context().target().path();
    }

    private static String appSession(ServerWebExchange exchange) {
        return SessionCookie.appSessionOf(
                CookieHeader.parse(exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.COOKIE)));
    }
}
