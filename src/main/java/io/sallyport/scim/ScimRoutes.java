package io.sallyport.scim;

import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.session.WrongCredentials;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.web.OffLoop;
import io.sallyport.web.SecurityHeaders;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.transaction.TransactionException;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /cdn-cgi/access/scim/{idp-id}/v2/…} on the team domain. The only reactive class of the package: it
 * authenticates before it reads a body, and runs everything that blocks on virtual threads.
 */
final class ScimRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(ScimRoutes.class);
    private static final MediaType SCIM = MediaType.parseMediaType("application/scim+json");
    private static final int LARGEST = 512 * 1024;
    private static final Duration SLOWEST = Duration.ofSeconds(20);
    private static final int AT_ONCE = 64;

    private final SnapshotHolder snapshots;
    private final ScimDoor door;
    private final ScimEndpoint endpoint;
    private final Scheduler blocking;
    private final Semaphore room = new Semaphore(AT_ONCE);

    ScimRoutes(SnapshotHolder snapshots, ScimDoor door, ScimEndpoint endpoint, Scheduler blocking) {
        this.snapshots = snapshots;
        this.door = door;
        this.endpoint = endpoint;
        this.blocking = blocking;
    }

    RouterFunction<ServerResponse> routes() {
        RequestPredicate team =
                request -> request.exchange().getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                        && context.face() == Face.TEAM;
        return RouterFunctions.route(
                team.and(RequestPredicates.path(ScimDoor.PATH + "{idp}/v2/{*path}")), this::handle);
    }

    private Mono<ServerResponse> handle(ServerRequest request) {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null || !room.tryAcquire()) {
            return busy(request);
        }
        return OffLoop.call(
                        blocking,
                        () -> door.admit(
                                snapshot,
                                request.pathVariable("idp"),
                                request.headers().asHttpHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION),
                                client(request)))
                .flatMap(directory -> body(request)
                        .flatMap(body -> OffLoop.call(
                                blocking,
                                () -> endpoint.answer(
                                        directory,
                                        new ScimEndpoint.Question(
                                                request.method().name(),
                                                request.pathVariable("path").replaceFirst("^/", ""),
                                                request.queryParams(),
                                                body)))))
                .flatMap(answer -> write(request, answer))
                .onErrorResume(ScimProblem.class, problem -> refuse(request, problem))
                .onErrorResume(DataBufferLimitException.class, _ -> refuse(request, ScimProblem.tooLarge()))
                .onErrorResume(
                        failure -> failure instanceof DataAccessException || failure instanceof TransactionException,
                        failure -> {
                            LOG.warn("the database does not answer a directory: {}", failure.getClass());
                            return busy(request);
                        })
                .doFinally(_ -> room.release());
    }

    private static InetAddress client(ServerRequest request) {
        RequestContext context = request.exchange().getRequiredAttribute(RequestContext.ATTRIBUTE);
        return context.client();
    }

    private static Mono<byte[]> body(ServerRequest request) {
        return DataBufferUtils.join(request.exchange().getRequest().getBody(), LARGEST)
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    return bytes;
                })
                .defaultIfEmpty(new byte[0])
                .timeout(SLOWEST, Mono.error(() -> ScimProblem.syntax("the body did not come in time")));
    }

    private static Mono<ServerResponse> write(ServerRequest request, ScimEndpoint.Answer answer) {
        ServerResponse.BodyBuilder response = start(request, answer.status());
        if (answer.location() != null) {
            response.header(HttpHeaders.LOCATION, answer.location());
        }
        return answer.body() == null
                ? response.build()
                : response.contentType(SCIM).bodyValue(answer.body().toString());
    }

    private static Mono<ServerResponse> refuse(ServerRequest request, ScimProblem problem) {
        ServerResponse.BodyBuilder response = start(request, problem.status());
        if (problem.status() == 429) {
            response.header(HttpHeaders.RETRY_AFTER, String.valueOf(WrongCredentials.WAIT.toSeconds()));
        }
        if (problem.status() == 401) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        ObjectNode body = error(problem.status(), String.valueOf(problem.getMessage()));
        if (problem.type() != null) {
            body.put("scimType", problem.type());
        }
        return response.contentType(SCIM).bodyValue(body.toString());
    }

    private static Mono<ServerResponse> busy(ServerRequest request) {
        return start(request, 503)
                .header(HttpHeaders.RETRY_AFTER, "5")
                .contentType(SCIM)
                .bodyValue(error(503, "try again in a little while").toString());
    }

    private static ObjectNode error(int status, String detail) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putArray("schemas").add("urn:ietf:params:scim:api:messages:2.0:Error");
        return body.put("status", String.valueOf(status)).put("detail", detail);
    }

    private static ServerResponse.BodyBuilder start(ServerRequest request, int status) {
        boolean secure = request.exchange().getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                && context.secure();
        return ServerResponse.status(status).headers(headers -> SecurityHeaders.write(headers, secure));
    }
}
