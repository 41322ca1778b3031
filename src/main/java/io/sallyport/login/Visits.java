package io.sallyport.login;

import io.sallyport.http.ClientAddress;
import io.sallyport.http.CookieHeader;
import io.sallyport.http.Countries;
import io.sallyport.http.RequestContext;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.mtls.Demand;
import io.sallyport.mtls.Shown;
import io.sallyport.mtls.Verdict;
import io.sallyport.session.SourceLimits;
import io.sallyport.session.WaitingRoom;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.web.OffLoop;
import io.sallyport.web.Vigil;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.TransactionException;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The only reactive class of the package: reads a request whole, reads the snapshot once, and runs a step of the login
 * flow on a virtual thread. Also answers requests that come too often or are too large, and steps whose database or
 * provider does not answer.
 */
final class Visits {
    private static final Logger LOG = LoggerFactory.getLogger(Visits.class);
    static final Duration SLOWEST_FORM = Duration.ofSeconds(10);
    private static final int AT_ONCE = 512;
    private static final int APART_AT_ONCE = 64;
    static final int APART_OF_ONE_SOURCE = 16;

    private final SnapshotHolder snapshots;
    private final InstantSource clock;
    private final Countries countries;
    private final ClientCertificates certificates;
    private final Replies replies;
    private final SourceLimits limits;
    private final Vigil vigil;
    private final Scheduler blocking;
    private final Semaphore room = new Semaphore(AT_ONCE);

    Visits(
            SnapshotHolder snapshots,
            InstantSource clock,
            Countries countries,
            ClientCertificates certificates,
            Replies replies,
            SourceLimits limits,
            Vigil vigil,
            Scheduler blocking) {
        this.snapshots = snapshots;
        this.clock = clock;
        this.countries = countries;
        this.certificates = certificates;
        this.replies = replies;
        this.limits = limits;
        this.vigil = vigil;
        this.blocking = blocking;
    }

    /** One page of the flow: a blocking function. */
    @FunctionalInterface
    interface Step {
        /** Answers the request; {@link Visits} turns exceptions into error pages. */
        Reply answer(Visit visit) throws ProviderFailure;
    }

    /** A handler that runs the step, without a limit of its rate. */
    HandlerFunction<ServerResponse> run(Step step) {
        return request -> run(step, visit(request, form(request)));
    }

    /** A handler for forms posted by a provider, which may be larger than forms that people fill in. */
    HandlerFunction<ServerResponse> posted(Step step) {
        return admitted(request -> run(step, visit(request, PostedForm.read(request, SLOWEST_FORM)))
                .onErrorResume(DataBufferLimitException.class, _ -> run(this::tooLarge, visit(request, nothing()))));
    }

    private Mono<ServerResponse> run(Step step, Mono<Visit> arriving) {
        return arriving.flatMap(visit -> vigil.over(
                        OffLoop.call(blocking, () -> answer(step, visit))
                                .doOnCancel(() -> visit.left().set(true)),
                        () -> false)
                .onErrorResume(Vigil.Silent.class, _ -> OffLoop.call(blocking, () -> unavailable(visit)))
                .flatMap(Visits::write));
    }

    /** A handler with a limit of requests per source. */
    HandlerFunction<ServerResponse> limited(Step step) {
        return admitted(run(step));
    }

    /** Applies the limit before any of the body is read (DO-04). */
    private HandlerFunction<ServerResponse> admitted(HandlerFunction<ServerResponse> handler) {
        return request -> limits.admits(context(request).client())
                ? handler.handle(request)
                : run(this::tooMany, visit(request, nothing()));
    }

    /**
     * A step that may wait for another server because an unauthenticated request names it, such as for the keys of a
     * token's issuer. Such steps have a separate limit, so that they take no places from people who sign in (DO-05),
     * and a limit per source (DO-04).
     */
    Step apart(Step step) {
        WaitingRoom places = new WaitingRoom(APART_AT_ONCE, APART_OF_ONE_SOURCE);
        return visit -> {
            String source = ClientAddress.source(visit.context().client());
            if (!places.enter(source)) {
                return unavailable(visit);
            }
            try {
                return step.answer(visit);
            } finally {
                places.leave(source);
            }
        };
    }

    private Mono<Visit> visit(ServerRequest request, Mono<MultiValueMap<String, String>> posted) {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null) {
            return Mono.error(new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE));
        }
        RequestContext context = context(request);
        HttpHeaders headers = request.headers().asHttpHeaders();
        Instant now = clock.instant();
        return posted.zipWith(
                certificate(request, snapshot, context, now),
                (form, holder) -> new Visit(
                        context,
                        snapshot,
                        now,
                        countries.of(context.client()),
                        holder.orElse(null),
                        headers,
                        CookieHeader.parse(headers.getOrEmpty(HttpHeaders.COOKIE)),
                        request.queryParams(),
                        form,
                        new AtomicBoolean()));
    }

    /** The holder of the request's client certificate; a chain that is not cached is verified off the event loop. */
    private Mono<Optional<CertificateIdentity>> certificate(
            ServerRequest request, Snapshot snapshot, RequestContext context, Instant now) {
        Demand demand = snapshot.demands().of(context.target().host());
        Shown shown = (Shown) request.attribute(Shown.class.getName()).orElse(Shown.NOTHING);
        Verdict known = certificates.known(demand, shown, now);
        Mono<Verdict> verdict = known != null
                ? Mono.just(known)
                : OffLoop.call(blocking, () -> certificates.verify(demand, shown, now));
        return verdict.map(each -> Optional.ofNullable(each.holder()));
    }

    /** Reads a posted form, limited in size by the codec and in time. */
    private static Mono<MultiValueMap<String, String>> form(ServerRequest request) {
        if (!request.method().equals(HttpMethod.POST)) {
            return nothing();
        }
        return request.formData()
                .timeout(SLOWEST_FORM)
                .onErrorMap(failure -> new ResponseStatusException(HttpStatus.BAD_REQUEST, null, failure));
    }

    private static Mono<MultiValueMap<String, String>> nothing() {
        return Mono.just(new LinkedMultiValueMap<>());
    }

    private Reply answer(Step step, Visit visit) {
        if (!room.tryAcquire()) {
            return unavailable(visit);
        }
        try {
            Reply reply = step.answer(visit);
            vigil.heard(); // or it would have ended otherwise, if it asked; a crowd that signs in is no outage
            return reply;
        } catch (ProviderFailure failure) {
            LOG.warn(
                    "a login could not begin: {}: {} (ray {})",
                    failure.code(),
                    Callback.shorten(String.valueOf(failure.getMessage())),
                    visit.context().ray());
            return replies.problem(
                    visit,
                    502,
                    failure.code(),
                    "Sign-in is not possible just now",
                    Callback.shorten(String.valueOf(failure.getMessage())) + FailedSignIn.advice(failure.code()),
                    List.of());
        } catch (DataAccessException | TransactionException databaseDown) {
            LOG.warn(
                    "the database does not answer: {} (ray {})",
                    databaseDown.getClass(),
                    visit.context().ray());
            return unavailable(visit);
        } finally {
            room.release();
        }
    }

    /** The answer when the database is down: new logins need it, existing sessions do not (FC-01). */
    private Reply unavailable(Visit visit) {
        Reply reply = replies.problem(
                visit,
                503,
                "unavailable",
                "Sign-in is not possible just now",
                "Try again in a little while. Who is already signed in is not affected.",
                List.of());
        reply.headers().set(HttpHeaders.RETRY_AFTER, "5");
        return reply;
    }

    private Reply tooMany(Visit visit) {
        Reply reply = replies.problem(
                visit,
                429,
                "too_many_requests",
                "Too many requests",
                "Your network asked for too many sign-ins. Wait a minute, then try again.",
                List.of());
        reply.headers().set(HttpHeaders.RETRY_AFTER, "60");
        return reply;
    }

    private Reply tooLarge(Visit visit) {
        return replies.problem(
                visit,
                413,
                "saml_too_large",
                "Sign-in did not work",
                "The provider's answer is larger than 256 KiB. Tell your administrator to have it send fewer groups or attributes.",
                List.of());
    }

    private static Mono<ServerResponse> write(Reply reply) {
        ServerResponse.BodyBuilder response =
                ServerResponse.status(reply.status()).headers(headers -> headers.putAll(reply.headers()));
        return reply.body().length == 0 ? response.build() : response.bodyValue(reply.body());
    }

    private static RequestContext context(ServerRequest request) {
        return Objects.requireNonNull(request.exchange().getAttribute(RequestContext.ATTRIBUTE));
    }
}
