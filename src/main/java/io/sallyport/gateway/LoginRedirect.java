package io.sallyport.gateway;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.session.SessionCookie;
import io.sallyport.snapshot.Application;
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

/** Sends a browser to the team domain to sign in (§7.2): 302, and the cookie that ties the round trip to this browser. */
final class LoginRedirect {
    private static final Duration META_LIFE = Duration.ofMinutes(5);

    private final Answers answers;
    private final Offload offload;

    LoginRedirect(Answers answers, Offload offload) {
        this.answers = answers;
        this.offload = offload;
    }

    /** @param serviceToken whether service-token credentials came along and did not suffice */
    Mono<Void> send(
            ServerWebExchange exchange,
            AccessExchange access,
            Application application,
            boolean serviceToken,
            Instant now) {
        String appSession = appSession(exchange);
        String host = access.context().target().host().value();
        String back = backTo(exchange, access);
        TokenClaims.Meta meta = new TokenClaims.Meta(
                application.audience(),
                host,
                back,
                serviceToken,
                SessionCookie.fingerprint(appSession),
                access.certificate().holder(),
                now,
                now.plus(META_LIFE));
        String issuer = access.snapshot().settings().issuer();
        // A signature costs a millisecond: strangers may not spend it on the event loop that serves everyone else.
        return offload.call(() -> TokenIssuer.sign(access.snapshot().keys(), issuer, meta))
                .flatMap(signed -> {
                    exchange.getResponse()
                            .getHeaders()
                            .add(HttpHeaders.SET_COOKIE, SessionCookie.appSession(appSession, now));
                    CommandLines.name(exchange.getResponse().getHeaders(), application);
                    return answers.redirect(
                            exchange,
                            issuer + AccessHeaders.RESERVED_PATH + "login/" + host + "?kid=" + application.audience()
                                    + "&redirect_url=" + URLEncoder.encode(back, StandardCharsets.UTF_8) + "&meta="
                                    + signed);
                });
    }

    /** After a form post the browser can only come back by GET, so it comes back to where the form was posted to. */
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
