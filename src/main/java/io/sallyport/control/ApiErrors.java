package io.sallyport.control;

import io.sallyport.http.RequestContext;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import tools.jackson.databind.JsonNode;

/**
 * Maps every failure on the admin API to the envelope. Failures without a case here become a plain 500, whose message
 * contains only an id that is also logged.
 */
final class ApiErrors implements WebExceptionHandler, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    /** SQL state of PostgreSQL's appendix A. */
    private static final String DISK_FULL = "53100";

    /** Paths that {@code tunnel route ip} and {@code tunnel vnet} request. */
    private static final Pattern PRIVATE_NETWORKS = Pattern.compile("^/client/v4/accounts/[^/]+/teamnet/");

    /** Before the framework's own handler, which answers in another format. */
    @Override
    public int getOrder() {
        return -10;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        if (!isApi(exchange) || exchange.getResponse().isCommitted() || failure instanceof AbortedException) {
            return Mono.error(failure); // not our request, or the client is gone
        }
        ResponseEntity<JsonNode> refusal = ApiEnvelope.refusal(problem(exchange, failure));
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(refusal.getStatusCode());
        response.getHeaders().putAll(refusal.getHeaders());
        if (failure instanceof MethodNotAllowedException other) {
            response.getHeaders().setAllow(other.getSupportedMethods()); // RFC 9110 §15.5.6
        }
        byte[] body = String.valueOf(refusal.getBody()).getBytes(StandardCharsets.UTF_8);
        response.getHeaders().setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }

    /** Whether a request is for the admin API: on the console's host, under its path. */
    static boolean isApi(ServerWebExchange exchange) {
        return exchange.getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                && context.face() == RequestContext.Face.CONSOLE
                && path(exchange).startsWith("/client/v4/");
    }

    private static String path(ServerWebExchange exchange) {
        return exchange.getRequest().getPath().pathWithinApplication().value();
    }

    private static ApiProblem problem(ServerWebExchange exchange, Throwable failure) {
        return switch (failure) {
            case ApiProblem known -> known;
            case MethodNotAllowedException other -> methodNotAllowed(other);
            case ResponseStatusException refused -> refusedByFramework(exchange, refused);
            case CannotCreateTransactionException gone -> databaseGone(gone);
            case TransientDataAccessException gone -> databaseGone(gone);
            case NonTransientDataAccessResourceException gone -> databaseGone(gone);
            default -> isDatabasesOwn(failure) ? databaseGone(failure) : unexpected(failure);
        };
    }

    private static ApiProblem methodNotAllowed(MethodNotAllowedException other) {
        String allowed = other.getSupportedMethods().stream()
                .map(HttpMethod::name)
                .sorted()
                .collect(Collectors.joining(", "));
        return ApiProblem.ofStatus(
                HttpStatus.METHOD_NOT_ALLOWED,
                10405,
                "Method not allowed: this path takes " + allowed + " and not " + other.getHttpMethod());
    }

    private static ApiProblem refusedByFramework(ServerWebExchange exchange, ResponseStatusException refused) {
        HttpStatusCode status = refused.getStatusCode();
        return switch (status.value()) {
            case 404 ->
                PRIVATE_NETWORKS.matcher(path(exchange)).find() ? ApiProblem.noPrivateNetworks() : ApiProblem.noRoute();
            case 413 -> ApiProblem.tooLarge();
            default -> {
                HttpStatus known = HttpStatus.resolve(status.value());
                String reason =
                        refused.getCause() instanceof ServerExchangeRejectedException ? refused.getReason() : null;
                yield ApiProblem.ofStatus(
                        known == null ? HttpStatus.BAD_REQUEST : known,
                        10400,
                        "The request could not be understood" + (reason == null ? "" : ": " + reason));
            }
        };
    }

    /**
     * Whether it is not for anything in the request: SQL states of class 08, connection exception, of class 53, resources such as
     * room on the disk, and of class 57, operator intervention such as a shutdown. Hibernate's own exceptions arrive here too.
     */
    private static boolean isDatabasesOwn(Throwable failure) {
        String state = sqlState(failure);
        return state.startsWith("08") || state.startsWith("53") || state.startsWith("57");
    }

    private static String sqlState(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql) {
                return String.valueOf(sql.getSQLState());
            }
        }
        return "";
    }

    /** Nothing was written; the caller may try again (FC-01). One line in the log: the database's outage has its own. */
    private static ApiProblem databaseGone(Throwable failure) {
        if (DISK_FULL.equals(sqlState(failure))) {
            LOG.warn("The database has no room left on its disk: {}", failure.getMessage());
            return ApiProblem.diskFull();
        }
        LOG.warn("The database does not answer: {}", failure.getMessage());
        return ApiProblem.unavailable();
    }

    private static ApiProblem unexpected(Throwable failure) {
        byte[] random = new byte[4];
        RANDOM.nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        LOG.error("Admin API failure {}", id, failure);
        return ApiProblem.ofStatus(HttpStatus.INTERNAL_SERVER_ERROR, 10500, "Internal error " + id);
    }
}
