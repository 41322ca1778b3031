package io.sallyport.control;

import io.sallyport.http.RequestContext;
import io.sallyport.session.WrongCredentials;
import io.sallyport.web.OffLoop;
import io.sallyport.web.Vigil;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Authenticates every request to the admin API by its token, and checks the account or zone in the path. Puts an {@link
 * AdminCall} on the exchange or refuses the request. Cookies are ignored, so no other site can act through an admin's
 * browser (AD-03). The rest of the request runs on one virtual thread up to the answer: it may block, and the client
 * gets an answer whatever is thrown.
 */
final class AdminDoor implements WebFilter {
    /**
     * Label of the metric of wrong credentials; also used by the page that approves tunnel logins, which takes the same
     * tokens.
     */
    static final String METERED_AS = "api";

    private static final String BEARER = "bearer ";

    /**
     * Header of older clients for a key. The e-mail address that they send with it is ignored, because our tokens name
     * their holder.
     */
    private static final String KEY = "X-Auth-Key";

    private static final String EMAIL = "X-Auth-Email";

    private final AdminTokens tokens;
    private final WrongCredentials wrong;
    private final AccountScope scope;
    private final Vigil vigil;
    private final Scheduler blocking;

    /**
     * The door.
     *
     * @param vigil ends what waits for a database that is away
     * @param blocking runs the requests, away from the event loop
     */
    AdminDoor(AdminTokens tokens, WrongCredentials wrong, AccountScope scope, Vigil vigil, Scheduler blocking) {
        this.tokens = tokens;
        this.wrong = wrong;
        this.scope = scope;
        this.vigil = vigil;
        this.blocking = blocking;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        AtomicBoolean isIn = new AtomicBoolean();
        Mono<Void> call = OffLoop.follow(blocking, () -> {
            exchange.getAttributes().put(AdminCall.ATTRIBUTE, admit(exchange));
            vigil.heard(); // for the token was looked up
            isIn.set(true);
            return chain.filter(exchange);
        });
        return vigil.over(call, exchange.getResponse()::isCommitted)
                .onErrorMap(Vigil.Silent.class, _ -> silence(exchange, isIn.get()));
    }

    /** What came no further than the door has changed nothing; of a write that did nobody can say. */
    private static ApiProblem silence(ServerWebExchange exchange, boolean isIn) {
        String method = exchange.getRequest().getMethod().name();
        return isIn && Access.neededFor(method) == Access.WRITE ? ApiProblem.unanswered() : ApiProblem.unavailable();
    }

    private AdminCall admit(ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        RequestContext context = exchange.getRequiredAttribute(RequestContext.ATTRIBUTE);
        AdminTokens.Holder holder = holder(request.getHeaders(), context);
        if (!scope.covers(request.getPath().pathWithinApplication().value())) {
            throw ApiProblem.noRoute();
        }
        return new AdminCall(
                holder,
                context.client().getHostAddress(),
                context.ray(),
                joined(request.getHeaders().get(HttpHeaders.IF_MATCH)));
    }

    private AdminTokens.Holder holder(HttpHeaders headers, RequestContext context) {
        String token = token(headers).orElseThrow(ApiProblem::withoutToken);
        try {
            return wrong.check(METERED_AS, context.client(), token, tokens::holderOf)
                    .orElseThrow(ApiProblem::unauthenticated);
        } catch (WrongCredentials.TooMany tooMany) {
            throw ApiProblem.tooManyWrongTokens();
        }
    }

    /** The bearer's token; where there is none, what older clients send as the key of an account. */
    private static Optional<String> token(HttpHeaders headers) {
        List<String> bearers = headers.getOrEmpty(HttpHeaders.AUTHORIZATION);
        if (!bearers.isEmpty()) {
            return bearer(bearers);
        }
        List<String> keys = headers.getOrEmpty(KEY);
        return keys.size() == 1 && headers.getOrEmpty(EMAIL).size() == 1
                ? Optional.of(keys.getFirst().strip())
                : Optional.empty();
    }

    /** Reads the only Authorization header; several are refused as an attack. */
    private static Optional<String> bearer(List<String> values) {
        if (values.size() != 1 || !values.getFirst().regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        return Optional.of(values.getFirst().substring(BEARER.length()).strip());
    }

    private static Optional<String> joined(@Nullable List<String> values) {
        return values == null ? Optional.empty() : Optional.of(String.join(",", values));
    }
}
