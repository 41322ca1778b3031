package io.sallyport.web;

import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Writes the edge's own answers: pages for browsers, JSON for programs, always with the security headers of ER-01 and no-store. */
public interface Answers {
    /** Ends the exchange with a problem, as a page or as JSON, whichever the request asks for. */
    Mono<Void> problem(ServerWebExchange exchange, Problem problem, @Nullable Branding branding);

    /** Ends the exchange with a redirect that no cache keeps. */
    Mono<Void> redirect(ServerWebExchange exchange, String location);

    /** Whether the caller cannot follow a login redirect and gets 401 instead (spec/access-semantics.md §6.5). */
    boolean isBackground(ServerWebExchange exchange);
}
