package io.sallyport.launcher;

import static org.springframework.web.reactive.function.server.RequestPredicates.GET;
import static org.springframework.web.reactive.function.server.RequestPredicates.HEAD;
import static org.springframework.web.reactive.function.server.RequestPredicates.POST;

import io.sallyport.http.Countries;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.mtls.Shown;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.web.OffLoop;
import io.sallyport.web.Page;
import io.sallyport.web.SecurityHeaders;
import io.sallyport.web.Vigil;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.transaction.TransactionException;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The portal's addresses on the team domain. Reads the whole request, and the snapshot once. Sessions are in the
 * database, so every page is made on a virtual thread.
 */
final class LauncherRoutes {
    private static final Duration SLOWEST_FORM = Duration.ofSeconds(10);
    private static final String KEPT_FOR_A_YEAR = "public, max-age=31536000, immutable";
    private static final int AT_ONCE = 256;

    private final SnapshotHolder snapshots;
    private final InstantSource clock;
    private final Countries countries;
    private final ClientCertificates certificates;
    private final Vigil vigil;
    private final Scheduler blocking;
    private final Semaphore room = new Semaphore(AT_ONCE);

    LauncherRoutes(
            SnapshotHolder snapshots,
            InstantSource clock,
            Countries countries,
            ClientCertificates certificates,
            Vigil vigil,
            Scheduler blocking) {
        this.snapshots = snapshots;
        this.clock = clock;
        this.countries = countries;
        this.certificates = certificates;
        this.vigil = vigil;
        this.blocking = blocking;
    }

    /** The map. */
    RouterFunction<ServerResponse> routes(Portal portal, Account account) {
        RequestPredicate team = LauncherRoutes::isTeam;
        return RouterFunctions.route()
                .route(team.and(read("/")), run(portal::show))
                .route(team.and(read(Account.PATH)), run(account::show))
                .route(team.and(POST(Account.END_SESSION)), run(account::endSession))
                .route(team.and(POST(Account.END_ALL)), run(account::endAll))
                .route(team.and(POST(Account.MAKE_PASS)), run(account::makePass))
                .route(team.and(POST(Account.END_PASS)), run(account::endPass))
                .route(team.and(read(LauncherScript.path())), run(_ -> new Answer.Script()))
                .build();
    }

    private HandlerFunction<ServerResponse> run(Function<Guest, Answer> step) {
        return request -> guest(request)
                .flatMap(guest -> vigil.over(OffLoop.call(blocking, () -> answer(step, guest)), () -> false)
                        .onErrorMap(Vigil.Silent.class, LauncherRoutes::withoutDatabase)
                        .flatMap(answer -> write(guest, answer)));
    }

    private Answer answer(Function<Guest, Answer> step, Guest guest) {
        if (!room.tryAcquire()) {
            throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE);
        }
        try {
            return step.apply(guest);
        } catch (DataAccessException | TransactionException databaseDown) {
            throw withoutDatabase(databaseDown);
        } finally {
            room.release();
        }
    }

    private static ResponseStatusException withoutDatabase(Throwable cause) {
        return new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE, "no sessions without a database", cause);
    }

    private Mono<Guest> guest(ServerRequest request) {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null || snapshots.stale()) {
            return Mono.error(new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE));
        }
        RequestContext context = context(request);
        Instant now = clock.instant();
        Shown shown = (Shown) request.attribute(Shown.class.getName()).orElse(Shown.NOTHING);
        return form(request)
                .map(form -> new Guest(
                        context,
                        snapshot,
                        now,
                        countries.of(context.client()),
                        host -> Optional.ofNullable(certificates
                                .verify(snapshot.demands().of(host), shown, now)
                                .holder()),
                        request.headers().asHttpHeaders(),
                        request.queryParams(),
                        form));
    }

    private static Mono<MultiValueMap<String, String>> form(ServerRequest request) {
        if (!request.method().equals(HttpMethod.POST)) {
            return Mono.just(new LinkedMultiValueMap<>());
        }
        return request.formData()
                .timeout(SLOWEST_FORM)
                .onErrorMap(failure -> new ResponseStatusException(HttpStatus.BAD_REQUEST, null, failure));
    }

    private static Mono<ServerResponse> write(Guest guest, Answer answer) {
        HttpHeaders headers = new HttpHeaders();
        boolean secure = guest.context().secure();
        return switch (answer) {
            case Answer.Rendered(Page page) -> {
                SecurityHeaders.write(headers, page, secure);
                headers.setContentType(MediaType.parseMediaType("text/html;charset=utf-8"));
                yield ServerResponse.status(page.status())
                        .headers(all -> all.putAll(headers))
                        .bodyValue(page.html().getBytes(StandardCharsets.UTF_8));
            }
            case Answer.Redirect(String location) -> {
                SecurityHeaders.write(headers, secure);
                headers.setLocation(URI.create(location));
                yield ServerResponse.status(guest.form().isEmpty() ? HttpStatus.FOUND : HttpStatus.SEE_OTHER)
                        .headers(all -> all.putAll(headers))
                        .build();
            }
            case Answer.Script() -> {
                SecurityHeaders.write(headers, secure);
                headers.setContentType(MediaType.parseMediaType("text/javascript;charset=utf-8"));
                headers.setCacheControl(KEPT_FOR_A_YEAR);
                yield ServerResponse.ok().headers(all -> all.putAll(headers)).bodyValue(LauncherScript.content());
            }
        };
    }

    private static RequestPredicate read(String path) {
        return GET(path).or(HEAD(path));
    }

    private static boolean isTeam(ServerRequest request) {
        return request.exchange().getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                && context.face() == Face.TEAM;
    }

    private static RequestContext context(ServerRequest request) {
        return Objects.requireNonNull(request.exchange().getAttribute(RequestContext.ATTRIBUTE));
    }
}
