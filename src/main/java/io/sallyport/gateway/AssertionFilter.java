package io.sallyport.gateway;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.http.RequestContext;
import io.sallyport.mtls.Demand;
import io.sallyport.mtls.Verdict;
import io.sallyport.session.HeaderAttributes;
import io.sallyport.session.PassCredentials;
import io.sallyport.snapshot.Application;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Writes what the origin is told about the visitor, and takes out what is for the gate alone. Every name written here was
 * removed from the client's fields by the first filter, so each stands exactly once.
 */
final class AssertionFilter implements GlobalFilter, Ordered {
    static final int ORDER = AccessFilter.ORDER + 100;

    private static final Set<String> GATE_COOKIES = Set.of(AccessHeaders.BINDING_COOKIE, AccessHeaders.APP_PASS_COOKIE);

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Admission admission = Admission.of(exchange);
        AccessExchange access = AccessExchange.of(exchange);
        EdgeRequest request = EdgeRequest.of(exchange);
        HttpHeaders headers = request.getHeaders();
        List<String> jump = List.copyOf(headers.getOrEmpty(AccessHeaders.JUMP_DESTINATION));
        withoutSecrets(headers, access.application());
        HeaderHygiene.withoutLookalikes(request.fields(), HeaderAttributes.names(access.snapshot()));
        describeConnection(headers, access);
        describeCertificate(headers, access);
        Destination origin = access.origin();
        if (origin != null && origin.givesTrailers() && request.takesTrailers()) {
            headers.set("te", "trailers");
        }
        switch (admission) {
            case Admission.Permitted permitted -> {
                assertIdentity(headers, permitted);
                if (origin instanceof TunnelOrigin && request.isWebSocket() && jump.size() == 1) {
                    headers.set(AccessHeaders.JUMP_DESTINATION, jump.getFirst());
                }
            }
            case Admission.Unguarded.PREFLIGHT -> {
                headers.remove(HttpHeaders.COOKIE);
                headers.remove(HttpHeaders.AUTHORIZATION);
            }
            case Admission.Unguarded.PUBLIC_PATH, Admission.Unguarded.UNMATCHED -> {}
        }
        return chain.filter(exchange);
    }

    private static void assertIdentity(HttpHeaders headers, Admission.Permitted permitted) {
        String assertion = permitted.assertion();
        if (assertion != null) {
            headers.set(AccessHeaders.JWT_ASSERTION, assertion);
        }
        String email = permitted.email();
        if (email != null) {
            headers.set(AccessHeaders.AUTHENTICATED_USER_EMAIL, email);
        }
        permitted.attributes().forEach(headers::set);
    }

    /** All other cookies pass byte for byte: stock validators read CF_Authorization from there (HH-07). */
    private static void withoutSecrets(HttpHeaders headers, @Nullable Application application) {
        HeaderHygiene.FOR_THE_GATE.forEach(headers::remove);
        String single = application == null ? null : application.serviceTokenHeader();
        if (single != null && HeaderHygiene.holdsServiceToken(headers.getOrEmpty(single))) {
            headers.remove(single);
        }
        if (headers.getOrEmpty(HttpHeaders.AUTHORIZATION).stream().anyMatch(PassCredentials::inAuthorizationIsPass)) {
            headers.remove(HttpHeaders.AUTHORIZATION);
        }
        String passHeader = application == null || application.passes() == null
                ? null
                : application.passes().header();
        if (passHeader != null && headers.getOrEmpty(passHeader).stream().anyMatch(PassCredentials::isPass)) {
            headers.remove(passHeader);
        }
        List<String> cookies = headers.getOrEmpty(HttpHeaders.COOKIE);
        if (cookies.stream().anyMatch(field -> GATE_COOKIES.stream().anyMatch(field::contains))) {
            CookieHeader.parse(cookies)
                    .without(GATE_COOKIES)
                    .ifPresentOrElse(
                            kept -> headers.set(HttpHeaders.COOKIE, kept), () -> headers.remove(HttpHeaders.COOKIE));
        }
    }

    /** The verified certificate, for origins whose host has {@code client_certificate_forwarding}. */
    private static void describeCertificate(HttpHeaders headers, AccessExchange access) {
        Demand demand = access.snapshot().demands().of(access.context().target().host());
        if (demand == null
                || !demand.forwarded()
                || !(access.certificate().verdict() instanceof Verdict.Verified verified)) {
            return;
        }
        try {
            byte[] der = verified.certificate().getEncoded();
            headers.set(AccessHeaders.CLIENT_CERTIFICATE, Base64.getEncoder().encodeToString(der));
            headers.set(
                    AccessHeaders.CLIENT_CERTIFICATE_SHA256,
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(der)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a verified certificate has an encoding, and every JDK has SHA-256", e);
        }
    }

    private static void describeConnection(HttpHeaders headers, AccessExchange access) {
        RequestContext context = access.context();
        String authority = context.target().port() < 0
                ? context.target().host().value()
                : context.target().host() + ":" + context.target().port();
        Destination origin = access.origin();
        String hostOverride = origin == null ? null : origin.hostHeader();
        headers.set(HttpHeaders.HOST, hostOverride == null || hostOverride.isEmpty() ? authority : hostOverride);
        headers.set("X-Forwarded-For", context.client().getHostAddress());
        headers.set("X-Forwarded-Proto", context.scheme());
        headers.set("X-Forwarded-Host", authority);
        headers.set(AccessHeaders.RAY, context.ray());
    }
}
