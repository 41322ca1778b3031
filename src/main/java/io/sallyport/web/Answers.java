package io.sallyport.web;

import io.sallyport.http.RequestContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Writes the edge's own answers: pages for browsers, JSON for programs, always with the security headers of ER-01 and no-store. */
public final class Answers {
    private static final Set<String> SCRIPTED_MODES = Set.of("cors", "no-cors", "same-origin");
    private static final Set<String> SCRIPTED_DESTINATIONS = Set.of("manifest", "serviceworker");

    /** Errors without a code of the API get this number plus the HTTP status as their code. */
    private static final int ENVELOPE_CODES = 10_000;

    private final Pages pages;
    private final JsonMapper json;

    /** Renders with these pages. */
    public Answers(Pages pages, JsonMapper json) {
        this.pages = pages;
        this.json = json;
    }

    /** Ends the exchange with a problem, as a page or as JSON, whichever the request asks for. */
    public Mono<Void> problem(ServerWebExchange exchange, Problem problem, @Nullable Branding branding) {
        return problem(exchange, problem, branding, List.of());
    }

    /** The same with ways on from the page; programs get none. */
    public Mono<Void> problem(
            ServerWebExchange exchange, Problem problem, @Nullable Branding branding, List<Action> actions) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(problem.status()));
        HttpHeaders headers = response.getHeaders();
        if (!wantsPage(exchange.getRequest().getHeaders())) {
            SecurityHeaders.write(headers, isSecure(exchange));
            headers.setContentType(MediaType.APPLICATION_JSON);
            return write(exchange, isAdminApi(exchange) ? envelope(problem) : json(problem));
        }
        return page(exchange, pages.problem(branding, problem, actions));
    }

    /** Ends the exchange with a page. */
    public Mono<Void> page(ServerWebExchange exchange, Page page) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(page.status()));
        HttpHeaders headers = response.getHeaders();
        SecurityHeaders.write(headers, page, isSecure(exchange));
        headers.setContentType(MediaType.parseMediaType("text/html;charset=utf-8"));
        return write(exchange, page.html().getBytes(StandardCharsets.UTF_8));
    }

    /** Ends the exchange with a redirect that no cache keeps. */
    public Mono<Void> redirect(ServerWebExchange exchange, String location) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatus.FOUND);
        SecurityHeaders.write(response.getHeaders(), isSecure(exchange));
        response.getHeaders().setLocation(URI.create(location));
        return response.setComplete();
    }

    /**
     * Whether the caller cannot follow a login redirect and gets 401 instead. A navigation is
     * never one, whatever it accepts: Sec-Fetch headers cannot be set by scripts, Accept can.
     */
    public boolean isBackground(ServerWebExchange exchange) {
        HttpHeaders headers = exchange.getRequest().getHeaders();
        String mode = lower(headers.getFirst("Sec-Fetch-Mode"));
        String destination = lower(headers.getFirst("Sec-Fetch-Dest"));
        if (upgradesToWebSocket(headers) || mode.equals("websocket") || SCRIPTED_DESTINATIONS.contains(destination)) {
            return true;
        }
        if (mode.equals("navigate")) {
            return false;
        }
        return lower(headers.getFirst("X-Requested-With")).equals("xmlhttprequest")
                || (SCRIPTED_MODES.contains(mode) && (destination.isEmpty() || destination.equals("empty")))
                || acceptsJsonAndNoPage(headers);
    }

    /** The problem as programs read it. */
    public byte[] json(Problem problem) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", problem.code());
        body.put("title", problem.title());
        body.put("message", problem.message());
        if (problem.detail() != null) {
            body.put("detail", problem.detail());
        }
        body.put("ray", problem.ray());
        return json.writeValueAsBytes(body);
    }

    /** The same in the envelope of the admin API, whose clients read no other shape. */
    private byte[] envelope(Problem problem) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", ENVELOPE_CODES + problem.status());
        error.put("message", problem.title() + ": " + problem.message());
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("success", false);
        body.put("errors", List.of(error));
        body.put("messages", List.of());
        body.put("result", null);
        body.put("ray", problem.ray());
        return json.writeValueAsBytes(body);
    }

    /** Meant for the admin API, as far as that can be told of a request that may not even name one host. */
    private static boolean isAdminApi(ServerWebExchange exchange) {
        boolean elsewhere = exchange.getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                && context.face() != RequestContext.Face.CONSOLE;
        return !elsewhere && exchange.getRequest().getPath().value().startsWith("/client/v4/");
    }

    /** Whether the caller is a person in front of a browser: it navigates, or it says that it takes HTML, or says nothing at all. */
    public boolean wantsPage(HttpHeaders headers) {
        if (lower(headers.getFirst("Sec-Fetch-Mode")).equals("navigate")) {
            return true;
        }
        if (lower(headers.getFirst("X-Requested-With")).equals("xmlhttprequest")) {
            return false;
        }
        String accept = accept(headers);
        return accept.isEmpty() || acceptsPage(accept);
    }

    private static boolean acceptsJsonAndNoPage(HttpHeaders headers) {
        String accept = accept(headers);
        return (accept.contains("application/json") || accept.contains("+json")) && !acceptsPage(accept);
    }

    private static boolean acceptsPage(String accept) {
        return accept.contains("text/html") || accept.contains("application/xhtml+xml");
    }

    private static String accept(HttpHeaders headers) {
        return lower(String.join(",", headers.getValuesAsList(HttpHeaders.ACCEPT)));
    }

    private static boolean upgradesToWebSocket(HttpHeaders headers) {
        return headers.getValuesAsList(HttpHeaders.UPGRADE).stream().anyMatch("websocket"::equalsIgnoreCase);
    }

    private static String lower(@Nullable String value) {
        return value == null ? "" : value.strip().toLowerCase(Locale.ROOT);
    }

    private static boolean isSecure(ServerWebExchange exchange) {
        return exchange.getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context && context.secure();
    }

    private static Mono<Void> write(ServerWebExchange exchange, byte[] body) {
        ServerHttpResponse response = exchange.getResponse();
        response.getHeaders().setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
