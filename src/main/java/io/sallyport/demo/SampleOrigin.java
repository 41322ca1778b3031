package io.sallyport.demo;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.HtmlUtils;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * A small internal web site that knows its visitors by the token in {@code Cf-Access-Jwt-Assertion} alone, verified with a stock
 * library against the published keys, as any real origin would.
 */
final class SampleOrigin implements AutoCloseable {
    private static final String ASSERTION = "Cf-Access-Jwt-Assertion";

    private final NimbusReactiveJwtDecoder decoder;
    private final DisposableServer server;

    /**
     * Starts on a free loopback port.
     *
     * @param certsUrl the gate's published keys
     * @param issuer the {@code iss} to insist on
     */
    SampleOrigin(String certsUrl, String issuer) {
        HttpClient client =
                HttpClient.create().resolver(LocalhostResolver.INSTANCE).responseTimeout(Duration.ofSeconds(5));
        decoder = NimbusReactiveJwtDecoder.withJwkSetUri(certsUrl)
                .webClient(WebClient.builder()
                        .clientConnector(new ReactorClientHttpConnector(client))
                        .build())
                .build();
        decoder.setJwtValidator(
                new DelegatingOAuth2TokenValidator<>(new JwtTimestampValidator(), new JwtIssuerValidator(issuer)));
        server = HttpServer.create()
                .bindAddress(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .handle(this::answer)
                .bindNow();
    }

    /** Where the gate reaches it. */
    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    private Mono<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        String assertion = request.requestHeaders().get(ASSERTION);
        if (assertion == null) {
            return page(
                    response,
                    401,
                    "Nobody vouches for you",
                    "<p>This request carries no token, so this site does not answer it.</p>");
        }
        return decoder.decode(assertion)
                .map(jwt -> welcome(jwt, request))
                .flatMap(html -> page(response, 200, "Team wiki", html))
                .onErrorResume(
                        JwtException.class,
                        refused -> page(
                                response,
                                403,
                                "The token does not verify",
                                "<p>" + escape(refused.getMessage()) + "</p>"));
    }

    private static String welcome(Jwt jwt, HttpServerRequest request) {
        String who = jwt.hasClaim("email") ? jwt.getClaimAsString("email") : jwt.getClaimAsString("common_name");
        return """
                <p class="lead">Hello, <strong>%s</strong>.</p>
                <p>This page comes from an origin behind the gate. It has no login of its own: the gate signed who you are into
                a token, and a stock library verified it here against the published keys.</p>
                <h2>What the token says</h2>%s
                <h2>What else arrived</h2>%s
                <p><a href="/cdn-cgi/access/logout">Sign out</a></p>
                """.formatted(escape(who), table(new TreeMap<>(jwt.getClaims())), table(headers(request)));
    }

    private static Map<String, Object> headers(HttpServerRequest request) {
        return request.requestHeaders().entries().stream()
                .filter(header -> !header.getKey().equalsIgnoreCase(ASSERTION)
                        && !header.getKey().equalsIgnoreCase("cookie"))
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        Map.Entry::getValue,
                        (first, second) -> first + ", " + second,
                        TreeMap::new));
    }

    private static String table(Map<String, Object> rows) {
        return rows.entrySet().stream()
                .map(row -> "<tr><th scope=\"row\">%s</th><td>%s</td></tr>"
                        .formatted(escape(row.getKey()), escape(plain(row.getValue()))))
                .collect(Collectors.joining("", "<table>", "</table>"));
    }

    private static String plain(Object value) {
        return value instanceof Collection<?> many
                ? many.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : String.valueOf(value);
    }

    private static Mono<Void> page(HttpServerResponse response, int status, String title, String body) {
        return response.status(status)
                .header("Content-Type", "text/html; charset=utf-8")
                .header("Cache-Control", "no-store")
                .sendString(Mono.just(DemoPage.render(title, body)))
                .then();
    }

    private static String escape(@Nullable String text) {
        return text == null ? "" : HtmlUtils.htmlEscape(text);
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(2));
    }
}
