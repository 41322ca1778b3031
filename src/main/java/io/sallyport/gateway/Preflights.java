package io.sallyport.gateway;

import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Application.CorsSettings;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Cross-origin rules: preflights that the gateway answers for an application, and which origins may open its
 * WebSockets.
 */
final class Preflights {
    private static final List<String> VARY =
            List.of("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers");

    private Preflights() {}

    /** An OPTIONS that is no preflight is an ordinary request (CO-02); so is one with a body, which no browser sends (CO-01). */
    static boolean isPreflight(EdgeRequest request) {
        HttpHeaders headers = request.getHeaders();
        return HttpMethod.OPTIONS.equals(request.getMethod())
                && !request.isChunked()
                && headers.getContentLength() <= 0
                && headers.getOrEmpty(HttpHeaders.ORIGIN).size() == 1
                && headers.containsHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
    }

    /** Answers 200 with what the settings grant; a missing header means no to a browser. */
    static Mono<Void> answer(ServerWebExchange exchange, CorsSettings cors) {
        HttpHeaders asked = exchange.getRequest().getHeaders();
        HttpHeaders granted = exchange.getResponse().getHeaders();
        exchange.getResponse().setStatusCode(HttpStatus.OK);
        granted.setVary(VARY);
        granted.setContentLength(0);
        String origin = asked.getFirst(HttpHeaders.ORIGIN);
        if (origin != null && allows(cors, origin)) {
            granted.set(
                    HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN,
                    cors.allowAllOrigins() && !cors.allowCredentials() ? "*" : origin);
            grant(granted, asked, cors);
        }
        return exchange.getResponse().setComplete();
    }

    private static void grant(HttpHeaders granted, HttpHeaders asked, CorsSettings cors) {
        String method = asked.getFirst(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
        String headers = String.join(", ", asked.getOrEmpty(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS));
        set(
                granted,
                HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS,
                cors.allowAllMethods() ? method : String.join(", ", cors.allowedMethods()));
        set(
                granted,
                HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
                cors.allowAllHeaders() ? headers : String.join(", ", cors.allowedHeaders()));
        if (cors.allowCredentials()) {
            granted.set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        Integer maxAge = cors.maxAgeSeconds();
        if (maxAge != null) {
            granted.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, maxAge.toString());
        }
    }

    private static void set(HttpHeaders headers, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            headers.set(name, value);
        }
    }

    /** Exact match only: {@code null} and look-alikes never do (CO-02); all origins with credentials cannot be stored. */
    private static boolean allows(CorsSettings cors, String origin) {
        return (cors.allowAllOrigins() && !cors.allowCredentials())
                || cors.allowedOrigins().contains(origin);
    }

    /** A WebSocket handshake's Origin, when there is one, is the application's own or one its CORS settings list (WS-01). */
    static boolean isAtHome(ServerHttpRequest request, AccessExchange access, Application application) {
        List<String> origins = request.getHeaders().getOrEmpty(HttpHeaders.ORIGIN);
        if (origins.isEmpty()) {
            return true;
        }
        if (origins.size() > 1) {
            return false;
        }
        String origin = origins.getFirst().toLowerCase(Locale.ROOT);
        CorsSettings cors = application.cors();
        return origin.equals(access.context().origin())
                || isSameAuthority(origin, access)
                || (cors != null && cors.allowedOrigins().contains(origins.getFirst()));
    }

    /**
     * Compares the host only: behind a load balancer that ends TLS and is not a trusted proxy we see http where the
     * browser wrote https.
     */
    private static boolean isSameAuthority(String origin, AccessExchange access) {
        String own = access.context().origin();
        return origin.startsWith("https://")
                && own.startsWith("http://")
                && origin.substring("https://".length()).equals(own.substring("http://".length()));
    }
}
